import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import type { Adapter, Checkpoint, RowChange } from "../../src/adapters/adapter.ts";
import type { RedisIsolation } from "../../src/adapters/redis/index.ts";
import { lane } from "../support/lane.ts";
import { type SharedServer, sharedServer } from "../support/redis/connect.ts";
import {
  type Command,
  type CommandOptions,
  randomCommand,
} from "../support/redis/random-commands.ts";
import { type KeyContent, readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";
import { redisVersions } from "../support/redis/versions.ts";
import { createRandom, type Random } from "../support/sqlite/random.ts";

/** A key with less time left may be gone between two readings. */
const SOON_MS = 150;
/** How far two readings of one remaining time may be apart, besides what the verbs took. */
const APART_MS = 100;
/** For each seed; more by hand: `EXPLORE_FUZZ_ROLLBACKS=2000`. */
const ROLLBACKS = Number(process.env["EXPLORE_FUZZ_ROLLBACKS"] ?? 130);

const SEEDS = { touched: [1, 2, 3, 4], copy: [5, 6], dump: [7], auto: [] } as const;

interface Marked {
  readonly at: Checkpoint;
  readonly seen: ReadonlyMap<string, KeyContent>;
  /** How long the checkpoint took: its moment is somewhere within. */
  readonly tookMs: number;
}

lane("redis fuzz", needsRedis, () => {
  describe.for(redisVersions())("$title", ({ program, hasCopy, hasFieldTimes }) => {
    const shared = sharedServer(program);

    for (const isolation of ["touched", "copy", "dump"] as const) {
      test.runIf(hasCopy || isolation !== "copy").for(SEEDS[isolation])(
        `isolation ${isolation}, seed %i: every rollback restores every key`,
        async (seed) => {
          // Copies keep their fields' times running, which is said.
          const commands = { hasFieldTimes: hasFieldTimes && isolation !== "copy" };
          await compareRollbacks(createRandom(seed), shared, { isolation, commands });
        },
      );
    }
  });
});

async function compareRollbacks(
  random: Random,
  shared: SharedServer,
  {
    isolation,
    commands,
  }: { readonly isolation: RedisIsolation; readonly commands: CommandOptions },
): Promise<void> {
  const { app, adapter, db } = await shared.connect({ isolation });
  const apps = await Promise.all([1, 2, 3].map(() => appConnection(shared.port(), db)));
  const act = createWriters(() => randomCommand(random, commands), random, [app, ...apps]);
  const mark = async (): Promise<Marked> => {
    const start = performance.now();
    const at = await adapter.checkpoint();
    const end = performance.now();
    return { at, seen: await readAll(app, end), tookMs: end - start };
  };
  for (let round = 0; round < 20; round += 1) await act();
  // So that keys which are running out do so before the start.
  await sleep(50);
  await adapter.open();
  const live = [await mark()];

  for (let rollbacks = 0; rollbacks < ROLLBACKS;) {
    await act();
    if (random.chance(0.4)) live.push(await mark());
    if (random.chance(0.1)) await releaseOne(adapter, live, random);
    const to = live[random.below(live.length)];
    if (random.chance(0.4) || to === undefined) continue;
    const start = performance.now();
    await adapter.rollback(to.at);
    const end = performance.now();
    rollbacks += 1;
    const seen = await readAll(app, end);
    // On a busy machine reading takes as long as a key may have left.
    const sinceMs = (): number => to.tookMs + performance.now() - start;
    const apart = { apartMs: APART_MS + to.tookMs + end - start, soonMs: SOON_MS + sinceMs() };
    expect(differences(to.seen, seen, apart), `rollback ${rollbacks}`).toEqual([]);
    const told = (await adapter.diff(to.at)).flatMap(({ changes }) => changes);
    const soon = runningOut(to.seen, SOON_MS + sinceMs());
    const lasting = told.filter((change) => isLasting(change) && !soon.has(keyOf(change)));
    expect(lasting, `difference after rollback ${rollbacks}`).toEqual([]);
  }
}

function createWriters(
  next: () => Command,
  random: Random,
  apps: readonly Redis[],
): () => Promise<void> {
  return async () => {
    await Promise.all(
      apps.map(async (app) => {
        const batch = app.pipeline();
        for (let index = random.below(6); index > 0; index -= 1) {
          void batch.call(...next());
        }
        await batch.exec();
      }),
    );
    if (random.chance(0.15)) await sleep(random.below(60));
  };
}

/** Any but the first. */
async function releaseOne(adapter: Adapter, live: Marked[], random: Random): Promise<void> {
  if (live.length < 4) return;
  const [gone] = live.splice(1 + random.below(live.length - 1), 1);
  if (gone !== undefined) await adapter.release(gone.at);
}

/** A key with little time left is missing a moment later. */
function isLasting({ before, after }: RowChange): boolean {
  return after !== undefined || before?.[3] === false;
}

function keyOf({ before, after }: RowChange): string {
  const [key] = before ?? after ?? [];
  return typeof key === "string" ? key : "";
}

/** Keys that are gone, or have lost a field, before so many milliseconds have passed. */
function runningOut(seen: ReadonlyMap<string, KeyContent>, ms: number): ReadonlySet<string> {
  const isSoon = (left: number): boolean => left >= 0 && left < ms;
  return new Set(
    [...seen].flatMap(([key, { leftMs, fieldsMs }]) =>
      isSoon(leftMs) || isSoon(fieldsMs) ? [key] : [],
    ),
  );
}

function differences(
  before: ReadonlyMap<string, KeyContent>,
  after: ReadonlyMap<string, KeyContent>,
  { apartMs, soonMs }: { readonly apartMs: number; readonly soonMs: number },
): readonly string[] {
  const soon = [runningOut(before, soonMs), runningOut(after, soonMs)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    if (soon.some((keys) => keys.has(key))) return [];
    if (was === undefined || is === undefined) return [`${key}: ${JSON.stringify([was, is])}`];
    if (was.content !== is.content) return [`${key}: ${was.content} became ${is.content}`];
    const stays = was.leftMs < 0 || is.leftMs < 0;
    const apart = stays ? was.leftMs !== is.leftMs : Math.abs(was.leftMs - is.leftMs) > apartMs;
    return apart ? [`${key}: ${was.leftMs} ms left became ${is.leftMs}`] : [];
  });
}
