import { afterAll, beforeAll, describe } from "vitest";
import { describeAdapter } from "../../src/adapters/conformance.ts";
import { lane } from "../support/lane.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { startServer } from "../support/postgres/server.ts";
import type { SubjectOptions } from "../support/postgres/subject.ts";
import { createSubject } from "../support/postgres/subject.ts";
import { postgresVersions, probeVersions } from "../support/postgres/versions.ts";

const UNDO = { history: "tree", scope: "server", schema: true, counters: true } as const;
const SAVEPOINT = { history: "stack", scope: "process", schema: false, counters: true } as const;

lane("postgres", probeVersions, () => {
  describe.for(postgresVersions())("PostgreSQL $version", ({ folder }) => {
    let started: TestServer | undefined;

    beforeAll(async () => {
      started = await startServer(folder);
    });
    afterAll(() => started?.stop());

    const subject = (options: SubjectOptions) => () => {
      if (started === undefined) throw new Error("the server does not run");
      return createSubject(started.url("postgres"), options);
    };

    describeAdapter("undo", { capabilities: UNDO, create: subject({}) });

    describeAdapter("undo, without a key", {
      capabilities: UNDO,
      create: subject({ keyed: false }),
    });

    describeAdapter("savepoint", {
      capabilities: SAVEPOINT,
      create: subject({ foreign: false }),
    });

    describeAdapter("template", {
      capabilities: UNDO,
      create: subject({ isolation: "template" }),
    });
  });
});
