import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { Redis } from "ioredis";
import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { binary } from "../../../../src/provision/ways/binary.ts";
import { isWayUnavailable } from "../../../../src/provision/ways/way.ts";
import { privateFolder } from "../../../../src/provision/ownership/private-folder.ts";
import type { ServerKind } from "../../../../src/provision/server-request.ts";
import { createServers, type Servers } from "../../../../src/provision/provision.ts";
import { lane } from "../../../support/lane.ts";
import { shareTemporaryFolder } from "../../../support/provision/folder.ts";
import { needsServer } from "../../../support/provision/needs-server.ts";

const TIMEOUT_MS = 120_000;

/** One query by each kind's own driver. */
const ASK: Readonly<Record<ServerKind, (url: string) => Promise<unknown>>> = {
  postgres: async (url) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query(
        "SELECT lower('Ä') AS letter, current_setting('fsync') AS fsync, current_setting('timezone') AS zone",
      );
      return rows;
    } finally {
      await client.end();
    }
  },
  mysql: async (url) => {
    const client = await createConnection({ uri: url });
    try {
      const [rows] = await client.query(
        "SELECT lower('Ä') AS letter, @@character_set_server AS letters, @@time_zone AS zone",
      );
      return rows;
    } finally {
      await client.end();
    }
  },
  redis: async (url) => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.select(1023);
      return await client.config("GET", "save");
    } finally {
      client.disconnect();
    }
  },
};

const ANSWER: Readonly<Record<ServerKind, unknown>> = {
  postgres: [{ letter: "ä", fsync: "off", zone: "UTC" }],
  mysql: [{ letter: "ä", letters: "utf8mb4", zone: "+00:00" }],
  redis: ["save", ""],
};

/** The URL with another password, or none. */
const WRONG: readonly ((url: URL) => void)[] = [
  (url) => (url.password = "wrong"),
  (url) => (url.password = ""),
];

/** What the drivers say then; the one of Redis only that it cannot connect. */
const REFUSED = /password|denied|NOAUTH|is closed/i;

function ownServers(): Servers {
  const servers = createServers();
  onTestFinished(() => servers.stop());
  return servers;
}

async function connection(host: string, url: string): Promise<void> {
  const socket = connect({ host, port: Number(new URL(url).port) });
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

shareTemporaryFolder();

const leftServers = (): readonly string[] => readdirSync(privateFolder("servers"));

for (const kind of ["postgres", "mysql", "redis"] as const) {
  lane(`a ${kind} server from a program of this machine`, needsServer(kind), () => {
    const request = { kind, options: { way: "binary" } } as const;

    test("answers, wants its password, and leaves nothing", { timeout: TIMEOUT_MS }, async () => {
      const servers = ownServers();

      const { url, way } = await servers.provide(request, process.cwd());

      expect(way).toMatch(/^binary \S/);
      expect(new URL(url).hostname).toBe("127.0.0.1");
      expect(await ASK[kind](url)).toEqual(ANSWER[kind]);
      for (const spoil of WRONG) {
        const wrong = new URL(url);
        spoil(wrong);
        await expect(ASK[kind](wrong.href)).rejects.toThrow(REFUSED);
      }
      await expect(connection("127.0.0.2", url)).rejects.toThrow("ECONNREFUSED");
      expect(leftServers()).toHaveLength(1);

      await servers.stop();

      expect(leftServers()).toEqual([]);
      expect(readdirSync(privateFolder("processes"))).toEqual([]);
      await expect(ASK[kind](url)).rejects.toThrow(/ECONNREFUSED|closed/);
    });

    test("has a password of its own each time", { timeout: TIMEOUT_MS }, async () => {
      const first = await ownServers().provide(request, process.cwd());
      const second = await ownServers().provide(request, process.cwd());

      const swapped = new URL(second.url);
      swapped.password = new URL(first.url).password;

      expect(new URL(first.url).port).not.toBe(swapped.port);
      await expect(ASK[kind](swapped.href)).rejects.toThrow(REFUSED);
    });

    test("that does not start says why", { timeout: TIMEOUT_MS }, async () => {
      const options = { way: "binary", args: ["--no-such-option=1"] } as const;

      const failed = ownServers().provide({ kind, options }, process.cwd());

      await expect(failed).rejects.toMatchObject({ code: "EXPLORE_NO_SERVER" });
      await expect(failed).rejects.toThrow(
        new RegExp(`binary: ${kind} exited with code \\d+\\n[^]*no.such.option`),
      );
      expect(leftServers()).toEqual([]);
    });
  });
}

test("says where it has looked for a program", async () => {
  const options = { way: "binary", folder: "/nowhere" } as const;

  const failed = createServers().provide({ kind: "mysql", options }, process.cwd());

  await expect(failed).rejects.toThrowErrorMatchingInlineSnapshot(`
    [ExploreError [EXPLORE_NO_SERVER]: No mysql server could be found or started on this machine. Tried, in order:
      binary: mariadbd and mysqld not found in /nowhere
    Make one of these work, or give the URL of a running server as \`url\`.]
  `);
});

test("a program of this machine is not taken where an image was asked for", async () => {
  const request = { kind: "postgres", options: { image: "postgres:12" } } as const;
  const place = { root: import.meta.dirname, say: () => {} };
  const error: unknown = await binary.start(request, place).catch((thrown: unknown) => thrown);
  expect(isWayUnavailable(error)).toBe(true);
  expect(String(error)).toMatch("`image` names a container, not a program of this machine");
});
