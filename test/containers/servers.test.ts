import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import { Redis } from "ioredis";
import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { RECIPES } from "../../src/provision/containers/images.ts";
import type { ServerKind } from "../../src/provision/server-request.ts";
import { createServers } from "../../src/provision/provision.ts";
import { imageOf, probeEngine, start } from "../support/containers/start.ts";
import { optionalLane } from "../support/lane.ts";

/** Writes and reads back, as the user that the URL names. */
const ROUND_TRIPS: Readonly<Record<ServerKind, (url: string) => Promise<unknown>>> = {
  postgres: async (connectionString) => {
    const client = new Client({ connectionString });
    await client.connect();
    try {
      await client.query("CREATE DATABASE shop");
      const { rows } = await client.query<{ setting: string }>(
        "SELECT setting FROM pg_settings WHERE name = 'fsync'",
      );
      return rows;
    } finally {
      await client.end();
    }
  },
  mysql: async (uri) => {
    const connection = await createConnection({ uri });
    try {
      await connection.query("CREATE DATABASE shop");
      const [rows] = await connection.query("SELECT @@log_bin AS setting");
      return rows;
    } finally {
      await connection.end();
    }
  },
  redis: async (url) => {
    const client = new Redis(url, { maxRetriesPerRequest: 0 });
    client.on("error", () => {});
    try {
      await client.set("setting", "");
      return [{ setting: (await client.config("GET", "save"))[1] }];
    } finally {
      client.disconnect();
    }
  },
};

const WITHOUT_SAFETY = { postgres: "off", mysql: 0, redis: "" } as const;

optionalLane("servers in containers", probeEngine, () => {
  describe.for(["postgres", "mysql", "redis"] as const)("%s", (kind) => {
    const roundTrip = ROUND_TRIPS[kind];

    test("lets clients in as soon as it is handed out, without what keeps data safe", async () => {
      const { url, way } = await start(kind);
      expect(way).toMatch(/^container \S+$/);
      expect(await roundTrip(url)).toEqual([{ setting: WITHOUT_SAFETY[kind] }]);
    });

    test("is what everybody gets who names its image", async () => {
      const { image = RECIPES[kind].image } = imageOf(kind);
      const servers = createServers();
      onTestFinished(() => servers.stop());
      const ask = () => servers.provide({ kind, options: { image } }, import.meta.dirname);
      const [first, second] = await Promise.all([ask(), ask()]);
      expect(first.way).toBe(`container ${image}`);
      expect(second).toEqual(first);
    });

    test("needs its password", async () => {
      const { url } = await start(kind);
      await expect(roundTrip(withPassword(url, "wrong"))).rejects.toThrow(
        /password|denied|WRONGPASS/i,
      );
    });

    test("listens on the loopback interface and on no other", async () => {
      const { hostname, port } = new URL((await start(kind)).url);
      expect(hostname).toBe("127.0.0.1");
      expect(await isOpen("127.0.0.1", port)).toBe(true);
      for (const address of otherAddresses()) {
        expect(await isOpen(address, port), address).toBe(false);
      }
    });

    test("is gone when it was stopped", async () => {
      const server = await start(kind);
      expect(await server.isAlive()).toBe(true);
      await server.stop();
      expect(await server.isAlive()).toBe(false);
      expect(await isOpen("127.0.0.1", new URL(server.url).port)).toBe(false);
      await server.stop();
    });
  });
});

function withPassword(url: string, password: string): string {
  const changed = new URL(url);
  changed.password = password;
  return changed.href;
}

/** Addresses at which another machine could reach this one: the engine's own network has one too. */
function otherAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}

function isOpen(host: string, port: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    onTestFinished(() => void socket.destroy());
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
  });
}
