import { afterAll, beforeAll } from "vitest";
import { describeAdapter } from "../../src/adapters/conformance.ts";
import { lane } from "../support/lane.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { probePostgres, startServer } from "../support/postgres/server.ts";
import type { SubjectOptions } from "../support/postgres/subject.ts";
import { createSubject } from "../support/postgres/subject.ts";

const UNDO = { history: "tree", scope: "server", schema: false, counters: true } as const;
const SAVEPOINT = { history: "stack", scope: "process", schema: false, counters: true } as const;
const TEMPLATE = { ...UNDO, schema: true } as const;

lane("postgres", probePostgres, () => {
  let server: TestServer | undefined;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  const subject = (options: SubjectOptions) => () =>
    createSubject({ url: server?.url("postgres") ?? "", ...options });

  describeAdapter("postgres undo", { capabilities: UNDO, create: subject({}) });

  describeAdapter("postgres undo, without a key", {
    capabilities: UNDO,
    create: subject({ keyed: false }),
  });

  describeAdapter("postgres savepoint", {
    capabilities: SAVEPOINT,
    create: subject({ foreign: false }),
  });

  describeAdapter("postgres template", {
    capabilities: TEMPLATE,
    create: subject({ isolation: "template" }),
  });
});
