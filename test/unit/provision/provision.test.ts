import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createServers } from "../../../src/provision/provision.ts";
import type { ServerRequest, WayName } from "../../../src/provision/server-request.ts";
import { wayUnavailable, type Way } from "../../../src/provision/ways/way.ts";

const POSTGRES: ServerRequest = { kind: "postgres", options: {} };
const ROOT = "/project";

interface ToyWay extends Way {
  /** What happened to its servers, in order. */
  readonly events: string[];
  /** Ends the server that was started last, as kill -9 would. */
  readonly kill: () => void;
}

function toyWay(name: WayName, start: () => unknown = () => {}): ToyWay {
  const events: string[] = [];
  let count = 0;
  const alive = new Set<number>();
  return {
    name,
    events,
    kill: () => alive.delete(count),
    start: async ({ kind }, { say }) => {
      say(`warming up ${name}`);
      await start();
      const id = (count += 1);
      alive.add(id);
      events.push(`start ${kind} ${id}`);
      return {
        url: `${kind}://${name}/${id}`,
        way: name,
        isAlive: () => alive.has(id),
        stop: async () => {
          await sleep(1);
          events.push(`stop ${id}`);
        },
      };
    },
  };
}

const missing = (name: WayName, reason: string): ToyWay =>
  toyWay(name, () => {
    throw wayUnavailable(reason);
  });

describe("the ways", () => {
  test("are tried in order until one works", async () => {
    const container = toyWay("container");
    const embedded = toyWay("embedded");
    const ways = [missing("binary", "not on PATH"), container, embedded];
    const servers = createServers({ ways });

    const server = await servers.provide(POSTGRES, ROOT);

    expect(server).toEqual({ url: "postgres://container/1", way: "container" });
    expect(embedded.events).toEqual([]);
  });

  test("are not tried when another one is asked for", async () => {
    const binary = toyWay("binary");
    const servers = createServers({ ways: [binary, toyWay("embedded")] });

    const { way } = await servers.provide({ kind: "redis", options: { way: "embedded" } }, ROOT);

    expect(way).toBe("embedded");
    expect(binary.events).toEqual([]);
  });

  test("are listed with their reasons when none works", async () => {
    const crash = new Error("postgres ended with code 1:\nFATAL: no space left on device");
    const broken = toyWay("container", () => {
      throw crash;
    });
    const ways = [missing("binary", "postgres is not on PATH"), broken, missing("embedded", "no")];
    const failed = createServers({ ways }).provide(POSTGRES, ROOT);

    await expect(failed).rejects.toMatchObject({ code: "EXPLORE_NO_SERVER", cause: crash });
    await expect(failed).rejects.toThrowErrorMatchingInlineSnapshot(`
      [ExploreError [EXPLORE_NO_SERVER]: No postgres server could be found or started on this machine. Tried, in order:
        binary:    postgres is not on PATH
        container: postgres ended with code 1:
                   FATAL: no space left on device
        embedded:  no
      Make one of these work, or give the URL of a running server as \`url\`.]
    `);
  });

  test("are tried again when the user asks again", async () => {
    let broken = true;
    const way = toyWay("binary", () => {
      if (broken) throw new Error("broken");
    });
    const servers = createServers({ ways: [way] });
    await expect(servers.provide(POSTGRES, ROOT)).rejects.toThrow("broken");
    broken = false;

    expect(await servers.provide(POSTGRES, ROOT)).toMatchObject({ way: "binary" });
  });
});

describe("a server", () => {
  test("is the same for equal requests, also at the same time", async () => {
    const way = toyWay("binary", () => sleep(5));
    const servers = createServers({ ways: [way] });
    const ask = (options: ServerRequest["options"]): Promise<{ readonly url: string }> =>
      servers.provide({ kind: "postgres", options }, ROOT);

    const first = await Promise.all([
      ask({ folder: "/opt", way: "binary" }),
      ask({ way: "binary", folder: "/opt", image: undefined as never }),
    ]);
    const later = await ask({ folder: "/opt", way: "binary" });
    const other = await ask({});

    expect(new Set([...first, later].map(({ url }) => url))).toEqual(
      new Set(["postgres://binary/1"]),
    );
    expect(other.url).toBe("postgres://binary/2");
  });

  test("that has ended is started again when it is asked for, and its remains are removed", async () => {
    const way = toyWay("binary");
    const servers = createServers({ ways: [way] });
    await servers.provide(POSTGRES, ROOT);
    way.kill();

    const again = await servers.provide(POSTGRES, ROOT);

    expect(again.url).toBe("postgres://binary/2");
    expect(way.events).toEqual(["start postgres 1", "stop 1", "start postgres 2"]);
  });

  test("is stopped at the end, also when it was just about to start", async () => {
    const way = toyWay("binary", () => sleep(5));
    const servers = createServers({ ways: [way] });
    const asked = servers.provide(POSTGRES, ROOT);

    await servers.stop();

    expect(await asked).toMatchObject({ url: "postgres://binary/1" });
    expect(way.events).toEqual(["start postgres 1", "stop 1"]);
    await expect(servers.provide(POSTGRES, ROOT)).rejects.toThrow("The run is over");
  });
});

describe("what takes long", () => {
  test("is said, beginning with what is being done then", async () => {
    const lines: string[] = [];
    const way = toyWay("binary", async () => {
      await expect.poll(() => lines).toHaveLength(1);
    });
    const servers = createServers({ ways: [way], say: (line) => lines.push(line), slowMs: 1 });

    await servers.provide(POSTGRES, ROOT);

    expect(lines).toEqual(["warming up binary"]);
  });

  test("is not said of what is quick", async () => {
    const lines: string[] = [];
    const options = { say: (line: string) => lines.push(line), slowMs: 60_000 };
    const servers = createServers({ ways: [toyWay("binary")], ...options });

    await servers.provide(POSTGRES, ROOT);

    expect(lines).toEqual([]);
  });
});
