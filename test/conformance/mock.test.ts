import { describeAdapter } from "../../src/adapters/conformance.ts";
import { mock } from "../../src/adapters/mock/index.ts";
import { provideNothing } from "../support/provision/nothing.ts";

// Nothing else reaches the data, so the handle stands for whoever writes.
describeAdapter("mock", {
  capabilities: { history: "tree", scope: "server", schema: true, counters: true },
  create: async () => {
    const { handle, adapter } = await mock({ initialState: { entries: [] } }).connect({
      name: "db",
      slot: "conformance",
      directory: import.meta.dirname,
      root: import.meta.dirname,
      handles: {},
      provide: provideNothing,
    });
    const write = (value: string): number =>
      handle.execute("INSERT INTO entries VALUES (?)", [{ value }]);
    return {
      adapter,
      write,
      writeElsewhere: write,
      changeSchema: () => handle.execute("INSERT INTO others VALUES (?)", [{ value: "new" }]),
      nextCounter: () =>
        handle.execute("INSERT INTO counts VALUES (?)", [{}]) && handle.query("counts").length,
    };
  },
});
