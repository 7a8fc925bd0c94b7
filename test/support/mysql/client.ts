import type { Connection } from "mysql2/promise";
import { createConnection } from "mysql2/promise";
import { onTestFinished } from "vitest";

/** An app's own connection; closed when the test ends. */
export async function connectClient(url: string): Promise<Connection> {
  const made = await createConnection({ uri: url, multipleStatements: true, dateStrings: true });
  onTestFinished(() => made.end().catch(() => made.destroy()));
  return made;
}
