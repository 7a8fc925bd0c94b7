import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { describeAdapter } from "../../src/adapters/conformance.ts";
import { binary } from "../../src/provision/ways/binary.ts";
import type { StartedServer } from "../../src/provision/ways/way.ts";
import { debianServer } from "../support/debian-servers.ts";
import { optionalLane } from "../support/lane.ts";
import { createSubject } from "../support/redis/subject.ts";

const SHARED = { history: "tree", scope: "server", schema: false, counters: true } as const;

/** What the server says of itself. Valkey names the version of Redis that it is compatible with. */
const VERSIONS = {
  "redis-6": /^redis_version:6\./m,
  "redis-8": /^redis_version:8\./m,
  "valkey-8": /^valkey_version:8\./m,
} as const;

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

    describeAdapter(`${name} touched`, {
      capabilities: SHARED,
      create: () => createSubject({ url: url() }),
    });

    describeAdapter(`${name} dump`, {
      capabilities: SHARED,
      create: () => createSubject({ url: url(), isolation: "dump" }),
    });
  });
}
