import { ExploreError } from "../../errors.ts";
import type { Value } from "../adapter.ts";
import { command } from "./driver.ts";
import { decodeVersions, readContents, type Version } from "./keyspace.ts";
import { type Key, showKey } from "./keys.ts";
import type { Scripting } from "./scripts.ts";
import type { Content } from "./values.ts";

/**
 * Kinds that commands such as `BLPOP` wait for, as the first byte of a payload: lists, sorted sets
 * and streams in each of their encodings.
 *
 * @see https://github.com/redis/redis/blob/7.2/src/rdb.h
 */
const AWAITABLE = new Set([1, 3, 5, 10, 12, 14, 15, 17, 18, 19, 21]);

/**
 * Makes sure that nobody was waiting for what a rollback has put back: the server hands it to a
 * client that is blocked in `BLPOP` or the like at once, and it is gone again.
 *
 * @param altered - What was put back and is something else now, as it was put.
 * @throws ExploreError `EXPLORE_CONSUMER_WAITING` naming the keys and the clients.
 */
export async function assertNotTaken(
  scripting: Scripting,
  altered: ReadonlyMap<Key, Version | undefined>,
): Promise<void> {
  const put = [...altered].flatMap(([key, version]) =>
    version !== undefined && AWAITABLE.has(version.payload[0] ?? 0) ? [{ key, version }] : [],
  );
  if (put.length === 0) return;
  const before = await decodeVersions(
    scripting,
    put.map(({ version }) => version),
  );
  const after = await readContents(
    scripting,
    put.map(({ key }) => key),
  );
  const taken = put.flatMap(({ key }, index) =>
    isLess(before[index], after.get(key)) ? [showKey(key)] : [],
  );
  if (taken.length > 0) throw await consumerWaiting(scripting, taken);
}

/** Says that clients were waiting for these keys. */
export async function consumerWaiting(
  scripting: Scripting,
  taken: readonly string[],
): Promise<ExploreError> {
  const { system } = scripting;
  const consumers = await blockedClients(scripting);
  const waiting =
    consumers.length === 0 ? "not blocked any more" : consumers.join("\n             ");
  return new ExploreError(
    "EXPLORE_CONSUMER_WAITING",
    `${system}: a client was waiting for what the rollback put back, and took it at once.\n` +
      `  keys:      ${taken.join(", ")}\n` +
      `  consumers: ${waiting}\n` +
      "Stop the worker while exploring and run one of its jobs as an action, or let the action wait until " +
      "the worker has emptied the queue.",
    { details: { system, keys: taken, consumers } },
  );
}

/** Whether something was taken out of a queue: who adds to it is no consumer. */
function isLess(before: Content | undefined, after: Content | undefined): boolean {
  if (before === undefined) return false;
  if (after === undefined) return true;
  if (before.type !== after.type) return false;
  // What consumers of a stream have taken is in its groups; the entries stay.
  if (before.type === "stream") return groupsOf(before.value) !== groupsOf(after.value);
  return sizeOf(after.value) < sizeOf(before.value);
}

function groupsOf(value: Value): string {
  return JSON.stringify((value as { readonly groups?: Value }).groups ?? null);
}

function sizeOf(value: Value): number {
  return Object.keys(value ?? {}).length;
}

/** The clients blocked now, in words. */
async function blockedClients({ client, system }: Scripting): Promise<readonly string[]> {
  const list = String(await command(client, system, ["CLIENT", "LIST"]));
  return list
    .split("\n")
    .map((line) => new Map(line.split(" ").map((pair) => pair.split("=", 2) as [string, string])))
    .filter((facts) => facts.get("flags")?.includes("b") === true)
    .map(
      (facts) =>
        `${facts.get("cmd")} of client ${facts.get("id")} at ${facts.get("addr")}, database ${facts.get("db")}`,
    );
}
