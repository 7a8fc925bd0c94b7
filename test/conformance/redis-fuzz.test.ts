import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import type { Adapter, Checkpoint, RowChange } from "../../src/adapters/adapter.ts";
import type { RedisIsolation } from "../../src/adapters/redis/index.ts";
import { lane } from "../support/lane.ts";
import { sharedServer } from "../support/redis/connect.ts";
import { randomCommand } from "../support/redis/random-commands.ts";
import { type KeyContent, readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";
import { createRandom, type Random } from "../support/sqlite/random.ts";

/** A key with less time left may be gone between two readings. */
const SOON_MS = 150;
/** How far two readings of one remaining time may be apart on a busy machine. */
const APART_MS = 100;
const ROLLBACKS = 130;

interface Marked {
  readonly at: Checkpoint;
  readonly seen: ReadonlyMap<string, KeyContent>;
}

lane("redis fuzz", needsRedis, () => {
  const shared = sharedServer();

  describe.for<RedisIsolation>(["touched", "dump"])("isolation %s", (isolation) => {
    test.for(isolation === "touched" ? [1, 2, 3, 4] : [5])(
      "seed %i: every rollback restores every key",
      async (seed) => {
        const random = createRandom(seed);
        const { app, adapter, db } = await shared.connect({ isolation });
        const apps = await Promise.all([1, 2, 3].map(() => appConnection(shared.port(), db)));
        const act = createWriters(random, [app, ...apps]);
        const mark = async (): Promise<Marked> => ({
          at: await adapter.checkpoint(),
          seen: await readAll(app),
        });
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
          await adapter.rollback(to.at);
          rollbacks += 1;
          expect(differences(to.seen, await readAll(app)), `rollback ${rollbacks}`).toEqual([]);
          const told = (await adapter.diff(to.at)).flatMap(({ changes }) => changes);
          expect(told.filter(isLasting), `difference after rollback ${rollbacks}`).toEqual([]);
        }
      },
    );
  });
});

function createWriters(random: Random, apps: readonly Redis[]): () => Promise<void> {
  return async () => {
    await Promise.all(
      apps.map(async (app) => {
        const batch = app.pipeline();
        for (let index = random.below(6); index > 0; index -= 1) {
          void batch.call(...randomCommand(random));
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

function differences(
  before: ReadonlyMap<string, KeyContent>,
  after: ReadonlyMap<string, KeyContent>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    const left = [was, is].flatMap((it) => (it === undefined ? [] : [it.leftMs]));
    if (left.some((ms) => ms >= 0 && ms < SOON_MS)) return [];
    if (was === undefined || is === undefined) return [`${key}: ${JSON.stringify([was, is])}`];
    if (was.content !== is.content) return [`${key}: ${was.content} became ${is.content}`];
    const stays = was.leftMs < 0 || is.leftMs < 0;
    const apart = stays ? was.leftMs !== is.leftMs : Math.abs(was.leftMs - is.leftMs) > APART_MS;
    return apart ? [`${key}: ${was.leftMs} ms left became ${is.leftMs}`] : [];
  });
}
