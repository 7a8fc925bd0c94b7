import { diffWith } from "./content-diff.ts";
import { openReader } from "./control.ts";
import { openCopies } from "./copies.ts";
import type { PostgresClient } from "./driver.ts";
import type { Access } from "./handle.ts";
import type { Mode } from "../mode.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";

/**
 * Rolls back by copying the whole database. A copy needs that nobody is connected, so every open
 * connection is ended, at a checkpoint and at a rollback; pools make new ones.
 */
export async function templateMode(
  target: ModeTarget,
  access: Access,
  reason: string,
): Promise<Mode> {
  const { database, driver, schemas } = target;
  const copies = await openCopies(target, access);

  async function reading<T>(from: string, run: (client: PostgresClient) => Promise<T>): Promise<T> {
    const client = await openReader(target, from);
    try {
      return await run(client);
    } finally {
      await client.end();
    }
  }

  return {
    isolation: {
      mode: "template",
      reason,
      notRestored: ["open connections (they are ended)", "delivered notifications"],
    },
    capabilities: { history: "tree", scope: "server", schema: true, counters: true },
    save: async () => {
      await copies.endConnections("checkpoint");
      const image = await copies.make("checkpoint");
      return {
        restore: async () => {
          await copies.become(await copies.make("roll back", image), "roll back");
          copies.prepare(image);
        },
        release: () => copies.drop(image),
        diff: () =>
          reading(image, (then) => reading(database, (now) => diffWith(target, then, now))),
      };
    },
    observe: (onText) =>
      reading(database, (client) => observeDatabase({ client, driver, schemas }, onText)),
    close: copies.close,
  };
}
