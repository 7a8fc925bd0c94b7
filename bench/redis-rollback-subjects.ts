import type { Redis } from "ioredis";
import { timed, type Sample } from "./measure.ts";
import { connectRaw, connectRedis, fillAccounts, type BenchServer } from "./redis-database.ts";
import { adapterSide, idsOf, type Cost, type Side } from "./rollback.ts";

/** How the rollback of a mode is done by hand. */
export type ModeName = "touched" | "copy" | "dump";

/** What both sides start from. */
export interface Setup {
  readonly server: BenchServer;
  readonly mode: ModeName;
  readonly keys: number;
}

/** Databases by hand; ours takes the first that are empty. */
const DATABASE = 14;
const SPARE_DATABASE = 15;

const nameOf = (id: number): string => `account:${id}`;

/** What the app does in a step: it changes keys in one transaction. */
async function change(app: Redis, ids: readonly number[]): Promise<void> {
  const transaction = app.multi();
  for (const id of ids) transaction.hincrby(nameOf(id), "balance", 1);
  await transaction.exec();
}

/** Our adapter, and an app with a connection of its own. */
export async function ourSide({ server, mode, keys }: Setup): Promise<Side> {
  const { handle, adapter } = await connectRedis(server, { isolation: mode });
  const app = await connectRaw(server, Number(new URL(handle.url).pathname.slice(1)));
  await fillAccounts(app, keys);
  const { mode: chosen } = await adapter.open();
  if (chosen !== mode) throw new Error(`asked for ${mode}, got ${chosen}`);
  return adapterSide({
    adapter,
    change: (round) => change(app, idsOf(round, keys)),
    close: async () => {
      app.disconnect();
      await adapter[Symbol.asyncDispose]();
    },
  });
}

/** The driver, with what one would write by hand. */
export async function sideByHand({ server, mode, keys }: Setup): Promise<Side> {
  const app = await connectRaw(server, DATABASE);
  const spare = await connectRaw(server, SPARE_DATABASE);
  await fillAccounts(app, keys);
  let round = 0;
  return {
    sample: BY_HAND[mode]({ app, spare, nextIds: () => idsOf((round += 1), keys) }),
    [Symbol.asyncDispose]: async () => {
      for (const client of [app, spare]) {
        await client.flushdb();
        client.disconnect();
      }
    },
  };
}

interface ByHand {
  readonly app: Redis;
  /** A connection to a second database. */
  readonly spare: Redis;
  readonly nextIds: () => readonly number[];
}

const BY_HAND: Readonly<Record<ModeName, (by: ByHand) => Sample<Cost>>> = {
  touched: touchedByHand,
  copy: copyByHand,
  dump: dumpByHand,
};

/** Remembers the keys before they are changed, and puts them back with one pipeline. */
function touchedByHand({ app, nextIds }: ByHand): Sample<Cost> {
  return async () => {
    const ids = nextIds();
    const before = await dump(app, ids.map(nameOf));
    await change(app, ids);
    const rollbackMs = await timed(() => put(app, before));
    return { checkpointMs: 0, rollbackMs, toFirstMs: 0 };
  };
}

/** `DUMP` of every key, and back by emptying the database and a `RESTORE` of every key. */
function dumpByHand({ app, nextIds }: ByHand): Sample<Cost> {
  return async () => {
    await change(app, nextIds());
    let image: readonly Dumped[] = [];
    const checkpointMs = await timed(async () => {
      image = await dump(app, await app.keys("*"));
    });
    await change(app, nextIds());
    const rollbackMs = await timed(async () => {
      await app.flushdb();
      await put(app, image);
    });
    return { checkpointMs, rollbackMs, toFirstMs: 0 };
  };
}

const COPY_ALL = `for _, key in ipairs(redis.call('KEYS', '*')) do
    redis.call('COPY', key, key, 'DB', ARGV[1], 'REPLACE')
  end`;

/** Copies every key to a second database, and back after emptying the first. */
function copyByHand({ app, spare, nextIds }: ByHand): Sample<Cost> {
  return async () => {
    await change(app, nextIds());
    const checkpointMs = await timed(() => app.eval(COPY_ALL, 0, SPARE_DATABASE));
    await change(app, nextIds());
    const rollbackMs = await timed(async () => {
      await app.flushdb();
      await spare.eval(COPY_ALL, 0, DATABASE);
    });
    await spare.flushdb();
    return { checkpointMs, rollbackMs, toFirstMs: 0 };
  };
}

interface Dumped {
  readonly key: string;
  readonly payload: Buffer;
}

async function dump(app: Redis, keys: readonly string[]): Promise<readonly Dumped[]> {
  const pipeline = app.pipeline();
  for (const key of keys) pipeline.dumpBuffer(key);
  const answers = (await pipeline.exec()) ?? [];
  return keys.map((key, index) => ({ key, payload: answers[index]?.[1] as Buffer }));
}

async function put(app: Redis, image: readonly Dumped[]): Promise<void> {
  const pipeline = app.pipeline();
  for (const { key, payload } of image) pipeline.restore(key, 0, payload, "REPLACE");
  await pipeline.exec();
}
