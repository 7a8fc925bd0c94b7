import { describeAdapter } from "../../src/adapters/conformance.ts";
import { createSubject } from "../support/sqlite/subject.ts";

const SHARED = { history: "tree", scope: "server", schema: true, counters: true } as const;
const ALONE = { ...SHARED, scope: "process" } as const;
const STACK = { ...ALONE, history: "stack" } as const;

describeAdapter("sqlite undo, WAL", {
  capabilities: SHARED,
  create: () => createSubject({}),
});

describeAdapter("sqlite undo, rollback journal", {
  capabilities: SHARED,
  create: () => createSubject({ journal: "delete" }),
});

describeAdapter("sqlite backup", {
  capabilities: SHARED,
  create: () => createSubject({ isolation: "backup" }),
});

describeAdapter("sqlite backup, because of a virtual table", {
  capabilities: SHARED,
  create: () => createSubject({ journal: "delete", withVirtualTable: true }),
});

describeAdapter("sqlite file", {
  capabilities: ALONE,
  create: () => createSubject({ isolation: "file", foreign: false }),
});

describeAdapter("sqlite savepoint", {
  capabilities: STACK,
  create: () => createSubject({ foreign: false }),
});

describeAdapter("sqlite savepoint, with a virtual table", {
  capabilities: STACK,
  create: () => createSubject({ foreign: false, withVirtualTable: true }),
});

describeAdapter("sqlite in memory", {
  capabilities: STACK,
  create: () => createSubject({ path: ":memory:", foreign: false }),
});
