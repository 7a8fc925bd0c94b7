import type { Redis } from "ioredis";

/** What one key holds, read by the commands of its type, and the time it has left. */
export interface KeyContent {
  readonly content: string;
  /** Milliseconds that were left when `since` was; -1 for a key that stays. */
  readonly leftMs: number;
  /** When the first of its fields runs out, in milliseconds; Infinity when none does. */
  readonly fieldsMs: number;
}

/**
 * Reads a database key by key, by no way that the adapter uses to store anything.
 *
 * @param since - As `performance.now()` tells; reading takes a while on a busy machine.
 */
export async function readAll(
  app: Redis,
  since = performance.now(),
): Promise<ReadonlyMap<string, KeyContent>> {
  const found = new Map<string, KeyContent>();
  const keys = (await app.callBuffer("KEYS", "*")) as Buffer[];
  const times = await Promise.all(keys.map((key) => app.pttl(key)));
  const laterByMs = performance.now() - since;
  await Promise.all(
    keys.map(async (key, index) => {
      const name = key.toString("latin1");
      if (name === "vitest-explore:owner") return;
      const type = await app.type(key);
      // It may run out between the two, and then some commands fail.
      const content = await readKey(app, key, type).catch(() => undefined);
      const fields = type === "hash" ? [...(await fieldTimes(app, key)).values()] : [];
      if (content !== undefined) {
        const left = times[index] ?? -2;
        found.set(name, {
          content: `${type} ${content}`,
          leftMs: left < 0 ? left : Math.round(left + laterByMs),
          fieldsMs: Math.min(...fields),
        });
      }
    }),
  );
  return found;
}

async function readKey(app: Redis, key: Buffer, type: string): Promise<string | undefined> {
  switch (type) {
    case "string":
      return print(await app.callBuffer("GET", key));
    case "list":
      return print(await app.callBuffer("LRANGE", key, 0, -1));
    case "set":
      return print(
        ((await app.callBuffer("SMEMBERS", key)) as Buffer[]).toSorted((a, b) => a.compare(b)),
      );
    case "zset":
      return print(await app.callBuffer("ZRANGE", key, 0, -1, "WITHSCORES"));
    case "hash":
      return printHash(
        (await app.callBuffer("HGETALL", key)) as Buffer[],
        await expiring(app, key),
      );
    case "stream":
      return printStream(await app.callBuffer("XINFO", "STREAM", key, "FULL", "COUNT", 0));
    default:
      return undefined;
  }
}

async function expiring(app: Redis, key: Buffer): Promise<readonly string[]> {
  return [...(await fieldTimes(app, key)).keys()];
}

/** The fields that have a time to live of their own, where the server knows such a thing. */
async function fieldTimes(app: Redis, key: Buffer): Promise<ReadonlyMap<string, number>> {
  const fields = await app.hkeysBuffer(key);
  if (fields.length === 0) return new Map();
  const times = (await app
    .call("HPTTL", key, "FIELDS", fields.length, ...fields)
    .catch(() => [])) as readonly number[];
  return new Map(
    fields.flatMap((field, index) => {
      const left = times[index] ?? -1;
      return left >= 0 ? [[print(field), left] as const] : [];
    }),
  );
}

function printHash(flat: readonly Buffer[], expires: readonly string[]): string {
  const fields = flat.flatMap((field, index) =>
    index % 2 === 0 ? [`${print(field)}=${print(flat[index + 1])}`] : [],
  );
  return [...fields, ...expires.map((field) => `${field} runs out`)].toSorted().join();
}

/** Everything but times of the last visit, and how the tree of entries is laid out in memory. */
function printStream(full: unknown): string {
  const LEFT_OUT = new Set(["seen-time", "active-time", "radix-tree-keys", "radix-tree-nodes"]);
  const walk = (value: unknown): unknown => {
    if (Buffer.isBuffer(value)) return value.toString("latin1");
    if (!Array.isArray(value)) return value;
    const isRecord = value.length % 2 === 0 && LEFT_OUT_OR_NAME.test(String(value[0]));
    return isRecord
      ? value.flatMap((item, index) =>
          index % 2 === 1 || LEFT_OUT.has(String(item))
            ? []
            : [[String(item), walk(value[index + 1])]],
        )
      : value.map(walk);
  };
  return JSON.stringify(walk(full));
}

const LEFT_OUT_OR_NAME = /^(length|name)$/;

function print(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    const { type, data } = (inner ?? {}) as { readonly type?: unknown; readonly data?: unknown };
    return type === "Buffer" && Array.isArray(data)
      ? Buffer.from(data as number[]).toString("latin1")
      : inner;
  });
}
