import type { OpenConnection, SqliteConnection } from "./driver.ts";

/**
 * Opens the connection that restores rows: as they were, without checks, cascades or waiting.
 *
 * @param disposable - Whether the file is a copy, which need not survive a crash of the machine.
 */
export function openControl(
  open: OpenConnection,
  file: string,
  disposable: boolean,
): SqliteConnection {
  const control = open(file, { fileMustExist: true, timeout: 0 });
  control.pragma("foreign_keys = OFF");
  control.pragma("ignore_check_constraints = ON");
  control.pragma("recursive_triggers = OFF");
  control.pragma("temp_store = MEMORY");
  if (disposable) control.pragma("synchronous = OFF");
  return control;
}
