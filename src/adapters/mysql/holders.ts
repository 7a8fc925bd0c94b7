import { close, openReader } from "./control.ts";
import { queryAll } from "./driver.ts";
import type { ModeTarget } from "./mode.ts";
import { describeOpen, openQuery } from "./open-transactions.ts";

/** Tells which connections have a transaction open, for a statement that waited for one of them. */
export async function tellHolders(target: ModeTarget): Promise<string> {
  const control = await openReader(target, target.database);
  try {
    const query = await openQuery(control, target.database);
    if (query === undefined) return "";
    const [answer] = await queryAll(control.client, [query.sql]);
    const ids = query.read(answer as readonly unknown[]);
    const open = await describeOpen(control, target, ids);
    return open
      .map(
        ({ pid, application, state, query: text }) =>
          `connection ${pid} (${application}), ${state}: ${text}`,
      )
      .join("\n             ");
  } finally {
    await close(control.client);
  }
}
