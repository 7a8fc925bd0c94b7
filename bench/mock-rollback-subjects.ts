import { mock } from "../src/adapters/mock/index.ts";
import { provideNothing } from "../test/support/provision/nothing.ts";
import { timed } from "./measure.ts";
import { adapterSide, idsOf, type Side } from "./rollback.ts";

interface Account {
  readonly id: number;
  readonly owner: string;
  balance: number;
  readonly note: string;
}

function makeAccounts(rows: number): Account[] {
  return Array.from({ length: rows }, (_, index) => ({
    id: index + 1,
    owner: `owner ${index + 1}`,
    balance: index % 1000,
    note: "a note of some sixty letters, as one would find it in a table",
  }));
}

/** Our adapter; whoever uses the mock has its handle. */
export async function ourSide(rows: number): Promise<Side> {
  const accounts = makeAccounts(rows) as readonly Readonly<Account>[];
  const { handle, adapter } = await mock({ initialState: { accounts: [...accounts] } }).connect({
    name: "db",
    slot: "bench",
    directory: process.cwd(),
    root: process.cwd(),
    handles: {},
    provide: provideNothing,
  });
  await adapter.open();
  return adapterSide({
    adapter,
    change: async (round) => {
      for (const id of idsOf(round, rows)) {
        handle.execute("UPDATE accounts SET balance = ? WHERE id = ?", [round, id]);
      }
    },
    close: async () => adapter[Symbol.asyncDispose](),
  });
}

/** A deep copy at the checkpoint, and one of the copy at the rollback, so that it can be used again. */
export async function sideByHand(rows: number): Promise<Side> {
  let accounts = makeAccounts(rows);
  let round = 0;
  const change = (): void => {
    for (const id of idsOf((round += 1), rows)) {
      const found = accounts[id - 1];
      if (found !== undefined) found.balance = round;
    }
  };
  return {
    sample: async () => {
      change();
      let image: Account[] = [];
      const checkpointMs = await timed(() => {
        image = structuredClone(accounts);
      });
      change();
      const rollbackMs = await timed(() => {
        accounts = structuredClone(image);
      });
      return { checkpointMs, rollbackMs, toFirstMs: 0 };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
