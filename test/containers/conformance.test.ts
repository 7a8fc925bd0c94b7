import { afterAll, beforeAll } from "vitest";
import { describeAdapter } from "../../src/adapters/conformance.ts";
import type { StartedServer } from "../../src/provision/ways/way.ts";
import { probeEngine, startForFile } from "../support/containers/start.ts";
import { optionalLane } from "../support/lane.ts";
import { createSubject as createPostgres } from "../support/postgres/subject.ts";
import { createSubject as createRedis } from "../support/redis/subject.ts";

const SHARED = { history: "tree", scope: "server", schema: false, counters: true } as const;

optionalLane("the conformance suite in containers", probeEngine, () => {
  let postgres: StartedServer | undefined;
  let redis: StartedServer | undefined;

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startForFile("postgres"), startForFile("redis")]);
  });
  afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));

  describeAdapter("postgres undo", {
    capabilities: { ...SHARED, schema: true },
    create: () => createPostgres(postgres?.url ?? ""),
  });

  describeAdapter("redis touched", {
    capabilities: SHARED,
    create: () => createRedis({ url: redis?.url ?? "" }),
  });
});
