import { needsRedis } from "../test/support/redis/server.ts";
import type { Bench } from "./bench.ts";
import { formatNumber } from "./page.ts";
import { connectRaw, startRedis } from "./redis-database.ts";
import { ourSide, sideByHand } from "./redis-rollback-subjects.ts";
import { rollbackTable } from "./rollback-table.ts";

/** Checkpoint and rollback of every Redis mode beside the driver doing it by hand. */
export const bench: Bench = {
  title: "Redis: checkpoint and rollback",
  needs: needsRedis,
  run: async () => {
    await using server = await startRedis();
    const client = await connectRaw(server, 0);
    const { roundTripMs, ...table } = await rollbackTable({
      modes: ["touched", "copy", "dump"],
      sizes: [10_000, 100_000],
      unit: "keys",
      ours: (mode, keys) => ourSide({ server, mode, keys }),
      byHand: (mode, keys) => sideByHand({ server, mode, keys }),
      roundTrip: () => client.ping(),
      fast: { mode: "touched", maxMs: 0.3 },
    });
    client.disconnect();
    return {
      ...table,
      notes: [
        "A round changes 3 keys (hashes), checkpoints, changes 3 keys, rolls back; the checkpoint and the rollback are timed. The app has a connection of its own.",
        `A round trip is a \`PING\` by TCP on the same server: ${formatNumber(roundTripMs)} ms.`,
        "By hand, `touched`: the keys are known beforehand and put back by one pipeline of `RESTORE`; there is no checkpoint to make. Ours finds out which keys anybody changed, and makes sure that nobody writes meanwhile.",
        "By hand, `copy`: `COPY` of every key to a second database by one script; back by `FLUSHDB` and the same.",
        "By hand, `dump`: `DUMP` of every key in one pipeline; back by `FLUSHDB` and a `RESTORE` of every key. Ours compares with what is there and writes only what differs, so that no reader misses a key.",
      ],
      versions: { Redis: server.version },
    };
  },
};
