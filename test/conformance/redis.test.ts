import { afterAll, beforeAll, describe } from "vitest";
import { describeAdapter } from "../../src/adapters/conformance.ts";
import { lane } from "../support/lane.ts";
import { needsRedis, startServer, type TestServer } from "../support/redis/server.ts";
import { createSubject } from "../support/redis/subject.ts";
import { redisVersions } from "../support/redis/versions.ts";

const SHARED = { history: "tree", scope: "server", schema: false, counters: true } as const;

lane("redis", needsRedis, () => {
  describe.for(redisVersions())("$title", ({ program, hasCopy }) => {
    let server: TestServer | undefined;
    beforeAll(async () => {
      server = await startServer([], { program });
    });
    afterAll(() => server?.stop());
    const port = (): number => server?.port ?? 0;

    describeAdapter("redis touched", {
      capabilities: SHARED,
      create: () => createSubject({ host: "127.0.0.1", port: port() }),
    });

    describeAdapter("redis touched, over a socket", {
      capabilities: SHARED,
      create: () => createSubject({ url: `unix://${server?.socket}?db=3`, isolation: "touched" }),
    });

    describe.runIf(hasCopy)("with COPY", () => {
      describeAdapter("redis copy", {
        capabilities: SHARED,
        create: () => createSubject({ host: "127.0.0.1", port: port(), isolation: "copy" }),
      });
    });

    describeAdapter("redis dump", {
      capabilities: SHARED,
      create: () => createSubject({ host: "127.0.0.1", port: port(), isolation: "dump" }),
    });
  });
});
