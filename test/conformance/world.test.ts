import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../src/adapters/adapter.ts";
import { isExploreError } from "../../src/errors.ts";
import { openWorld, type World } from "../../src/explore/world.ts";
import { createWorldPool } from "../../src/fixtures/world-pool.ts";
import type { LiveWorld } from "../../src/fixtures/connect-world.ts";
import { lane } from "../support/lane.ts";
import * as postgres from "../support/postgres/server.ts";
import * as redis from "../support/redis/server.ts";
import { connectThree, type Servers, type ThreeSystems } from "../support/three-systems.ts";

/** Far more than there are. */
const MOST_CALLS = 200;

const VERBS = ["settle", "checkpoint", "rollback", "release", "observe", "diff"] as const;

/** `before`: the verb is not done. `after`: it is done, and fails all the same. */
type Moment = "before" | "after";

interface Faults {
  readonly adapters: readonly Adapter[];
  /** Calls of verbs since the world was open. */
  calls: number;
  /** The call that fails, counted from 1. */
  failing: number;
  /** Which call that was, e.g. `cache.rollback`. */
  failed: string | undefined;
  /** Live checkpoints of each system, by its name. */
  readonly live: ReadonlyMap<string, Set<number>>;
}

/** Puts a fault before or after one call of any verb of any of the systems. */
function withFaults(adapters: readonly Adapter[], moment: Moment): Faults {
  const live = new Map(adapters.map(({ name }) => [name, new Set<number>()]));
  const faults: Faults = { adapters: [], calls: 0, failing: 0, failed: undefined, live };
  const wrapped = adapters.map((adapter): Adapter => {
    const marks = live.get(adapter.name);
    const faulty = Object.create(adapter) as Record<string, unknown>;
    for (const verb of VERBS) {
      const real = adapter[verb] as (...given: unknown[]) => Promise<unknown>;
      faulty[verb] = async (...given: unknown[]) => {
        faults.calls += 1;
        const fails = faults.calls === faults.failing;
        if (fails) faults.failed = `${adapter.name}.${verb}`;
        const failure = new Error(`injected at ${adapter.name}.${verb}`);
        if (fails && moment === "before") throw failure;
        const result = await real(...given);
        const [of] = given as [{ readonly id: number }?];
        if (verb === "release" && of !== undefined) marks?.delete(of.id);
        if (fails) throw failure;
        if (verb === "checkpoint") marks?.add((result as { readonly id: number }).id);
        return result;
      };
    }
    return faulty as unknown as Adapter;
  });
  return Object.assign(faults, { adapters: wrapped });
}

/** A walk of an explorer: two states, there and back. */
async function walk(world: World, three: ThreeSystems): Promise<void> {
  await three.write("a");
  world.context = { at: "a" };
  const first = await world.checkpoint();
  await three.write("b");
  const second = await world.checkpoint(await world.diffs());
  await three.write("c");
  await world.rollback(first);
  expect(await three.read()).toEqual(["a", "a", "a"]);
  await world.rollback(second);
  expect(await three.read()).toEqual(["a,b", "a,b", "a,b"]);
  await world.assertSettled(await world.diffs());
  await world.release(second);
  await world.reset();
  expect(await three.read()).toEqual(["", "", ""]);
  await world.release(first);
}

const probe = async (): Promise<string | undefined> =>
  postgres.probePostgres() ?? (await redis.needsRedis());

lane("PostgreSQL, Redis and SQLite as one world", probe, () => {
  const stack = new AsyncDisposableStack();
  let servers: Servers;
  beforeAll(async () => {
    const [database, cache] = await Promise.all([postgres.startServer(), redis.startServer()]);
    stack.defer(database.stop);
    stack.defer(cache.stop);
    servers = { database, cache };
  });
  afterAll(() => stack.disposeAsync());

  async function connect(): Promise<ThreeSystems> {
    const three = await connectThree(servers);
    onTestFinished(three.close);
    return three;
  }

  test("goes there and back", async () => {
    const three = await connect();
    await using world = await openWorld(three.adapters);

    await walk(world, three);
  });

  test.for(["before", "after"] as const)(
    "a failure %s any call leaves all systems at one point, or none of them is used again",
    { timeout: 180_000 },
    async (moment) => {
      const seen = new Set<string>();
      let last: string | undefined = "none yet";
      // The last run meets no fault.
      for (let n = 1; last !== undefined && n < MOST_CALLS; n += 1) {
        const three = await connectThree(servers);
        const faults = withFaults(three.adapters, moment);
        const world = await openWorld(faults.adapters);
        faults.calls = 0;
        faults.failing = n;
        const failure: unknown = await walk(world, three).catch((error: unknown) => error);
        faults.failing = 0;
        last = faults.failed;
        const where = `${moment} call ${n}, ${last}`;
        if (last !== undefined) seen.add(last);

        expect((failure as Error | undefined)?.message, where).toBe(last && `injected at ${last}`);
        await assertOneOrNone(world, three, where);
        expect(worldsMarks(faults, world).size, where).toBe(1);
        await world[Symbol.asyncDispose]();
        await three.close();
      }

      // Every verb of every system was hit.
      const all = ["db", "cache", "file"].flatMap((name) => VERBS.map((verb) => `${name}.${verb}`));
      expect([...seen].toSorted()).toEqual(all.toSorted());
    },
  );

  test.for(["db", "cache", "file"])("the self-check compares what %s holds", async (liar) => {
    const three = await connect();
    const adapters = three.adapters.map((adapter) =>
      adapter.name === liar
        ? (Object.assign(Object.create(adapter) as Adapter, {
            rollback: () => Promise.resolve(),
            // As if its log had missed the write, too.
            diff: () => Promise.resolve([]),
          }) as Adapter)
        : adapter,
    );
    await using world = await openWorld(adapters);
    await three.write("a");

    await expect(world.rollback(world.root)).rejects.toMatchObject({
      code: "EXPLORE_ROLLBACK_INCOMPLETE",
      details: { system: liar },
    });
    await expect(world.checkpoint()).rejects.toMatchObject({
      code: "EXPLORE_WORLD_UNUSABLE",
      details: { reason: "EXPLORE_ROLLBACK_INCOMPLETE" },
    });
  });

  test("an app that goes on writing to Redis while PostgreSQL is rolled back is told", async () => {
    const three = await connect();
    await using world = await openWorld(three.adapters);
    const at = await world.checkpoint();
    const done = new AbortController();
    const app = await redis.appConnection(
      servers.cache.port,
      Number(/\d+$/.exec(three.cache.url)?.[0]),
    );
    const writers = [1, 2, 3, 4].map(async (number) => {
      while (!done.signal.aborted) await app.incr(`busy ${number}`);
    });
    await three.write("a");

    const failure: unknown = await world.rollback(at).catch((error: unknown) => error);
    done.abort();
    await Promise.all(writers);

    // It never was at rest, or wrote once more when it was back.
    expect(["EXPLORE_TRANSACTION_OPEN", "EXPLORE_ROLLBACK_INCOMPLETE"]).toContain(
      (failure as { readonly code?: string }).code,
    );
    await assertOneOrNone(world, three, "a writer");
    expect(world.unusable).toBe(failure);
  });

  test("a test after one that broke its world gets a new one", async () => {
    const worlds: ThreeSystems[] = [];
    const pool = createWorldPool(async (): Promise<LiveWorld> => {
      const three = await connectThree(servers);
      worlds.push(three);
      const world = await openWorld(three.adapters);
      return {
        world,
        handles: {},
        outputs: new Map(),
        exchanges: new Map(),
        [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
      };
    }, 1);
    onTestFinished(async () => {
      await pool.close();
      for (const three of worlds) await three.close();
    });
    const first = await pool.lease();
    await worlds[0]?.write("a");
    await endConnections(servers.cache.port);
    await expect(first.live.world.rollback(first.live.world.root)).rejects.toMatchObject({
      code: "EXPLORE_ADAPTER_FAILED",
    });
    await first.giveBack();

    const second = await pool.lease();
    expect(worlds).toHaveLength(2);
    const [, three] = worlds;
    expect(await three?.read()).toEqual(["", "", ""]);
    if (three !== undefined) await walk(second.live.world, three);
    await second.giveBack();
  });

  describe("a server that is ended", () => {
    test("makes the world unusable with the reason, and the next one works", async () => {
      const cache = await redis.startServer();
      const three = await connectThree({ ...servers, cache });
      onTestFinished(three.close);
      const world = await openWorld(three.adapters);
      await three.write("a");
      await cache.stop();

      await expect(world.rollback(world.root)).rejects.toMatchObject({
        code: "EXPLORE_ADAPTER_FAILED",
      });
      await expect(world.reset()).rejects.toMatchObject({
        code: "EXPLORE_WORLD_UNUSABLE",
        details: { reason: "EXPLORE_ADAPTER_FAILED" },
      });
      // What cannot be left in order is told; the others are.
      await expect(world[Symbol.asyncDispose]()).rejects.toThrow(/cannot connect to Redis/);

      const again = await redis.startServer([], { on: cache.port });
      onTestFinished(again.stop);
      const next = await connectThree({ ...servers, cache: again });
      onTestFinished(next.close);
      await using fresh = await openWorld(next.adapters);
      await walk(fresh, next);
    });
  });
});

/**
 * How many checkpoints live in a system, by the number: one number when none hangs on that another
 * system has given up. What failed itself is left out, and a world that nobody uses any more.
 */
function worldsMarks({ live, failed = "" }: Faults, { unusable }: World): ReadonlySet<number> {
  if (unusable !== undefined) return new Set([0]);
  const others = [...live].filter(([name]) => !failed.startsWith(`${name}.`));
  return new Set(others.map(([, marks]) => marks.size));
}

/** All systems are at one point and go on together, or every further use is refused with the reason. */
async function assertOneOrNone(world: World, three: ThreeSystems, where: string): Promise<void> {
  const { unusable } = world;
  const told = unusable === undefined ? await useOn(world, three) : await useInVain(world);
  expect(told, where).toEqual(
    unusable === undefined
      ? { points: 1, root: ["", "", ""] }
      : {
          checkpoint: unusable,
          rollback: unusable,
          reset: unusable,
          diffs: unusable,
          assertSettled: unusable,
        },
  );
}

async function useOn(world: World, three: ThreeSystems): Promise<object> {
  const points = new Set(await three.read()).size;
  await world.reset();
  return { points, root: await three.read() };
}

/** Why each use was refused. */
async function useInVain(world: World): Promise<object> {
  const uses = {
    checkpoint: () => world.checkpoint(),
    rollback: () => world.rollback(world.root),
    reset: () => world.reset(),
    diffs: () => world.diffs(),
    assertSettled: () => world.assertSettled([]),
  };
  const told: Record<string, unknown> = {};
  for (const [name, use] of Object.entries(uses)) {
    const error: unknown = await use().then(
      () => "it was not refused",
      (cause: unknown) => cause,
    );
    const isRefusal = isExploreError(error) && error.code === "EXPLORE_WORLD_UNUSABLE";
    told[name] = isRefusal ? error.cause : error;
  }
  return told;
}

/** Ends every connection to a Redis server, as a network does. */
async function endConnections(port: number): Promise<void> {
  const app = await redis.appConnection(port);
  for (const type of ["normal", "pubsub"])
    await app.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
}
