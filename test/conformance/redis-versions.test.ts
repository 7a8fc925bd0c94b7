import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { binary } from "../../src/provision/ways/binary.ts";
import type { StartedServer } from "../../src/provision/ways/way.ts";
import { debianServer } from "../support/debian-servers.ts";
import { optionalLane } from "../support/lane.ts";

/** What the server says of itself. Valkey names the version of Redis that it is compatible with. */
const VERSIONS = {
  "redis-6": /^redis_version:6\./m,
  "redis-8": /^redis_version:8\./m,
  "valkey-8": /^valkey_version:8\./m,
} as const;

// The suites of Redis run on each of them that is there: see `redisVersions`.
for (const name of ["redis-6", "redis-8", "valkey-8"] as const) {
  const { folder, probe } = debianServer(name);

  optionalLane(name, probe, () => {
    let server: StartedServer | undefined;
    beforeAll(async () => {
      const request = { kind: "redis", options: { folder } } as const;
      server = await binary.start(request, { root: import.meta.dirname, say: () => {} });
    });
    afterAll(() => server?.stop());
    const url = (): string => server?.url ?? "";

    test("it is that version", async () => {
      const app = new Redis(url());
      onTestFinished(() => app.disconnect());
      expect(await app.info("server")).toMatch(VERSIONS[name]);
    });
  });
}
