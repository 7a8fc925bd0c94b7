import { afterAll, beforeAll, describe } from "vitest";
import { describeAdapter } from "../../src/adapters/conformance.ts";
import { lane } from "../support/lane.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";
import type { SubjectOptions } from "../support/mysql/subject.ts";
import { createSubject } from "../support/mysql/subject.ts";

const UNDO = { history: "tree", scope: "server", schema: false, counters: true } as const;
const SAVEPOINT = { history: "stack", scope: "process", schema: false, counters: false } as const;
const COPY = { ...UNDO, schema: true } as const;

lane("mysql", probeMysql, () => {
  describe.for(SERVERS)("$name", (program) => {
    let server: TestServer | undefined;

    beforeAll(async () => {
      server = await startServer(program);
    });
    afterAll(() => server?.stop());

    const subject = (options: SubjectOptions) => () =>
      createSubject({ url: server?.url() ?? "", ...options });

    describeAdapter("mysql undo", { capabilities: UNDO, create: subject({}) });

    describeAdapter("mysql undo, without a key", {
      capabilities: UNDO,
      create: subject({ keyed: false }),
    });

    describeAdapter("mysql savepoint", {
      capabilities: SAVEPOINT,
      create: subject({ foreign: false }),
    });

    describeAdapter("mysql copy", { capabilities: COPY, create: subject({ isolation: "copy" }) });

    describeAdapter("mysql undo, without counters", {
      capabilities: { ...UNDO, counters: false },
      create: subject({ counters: false }),
    });
  });
});
