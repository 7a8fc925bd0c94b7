import { describe, expect, test } from "vitest";
import { assertNotTaken } from "../../../../src/adapters/redis/consumers.ts";
import type { RedisClient } from "../../../../src/adapters/redis/driver.ts";

const CLIENTS = "id=7 addr=127.0.0.1:5 flags=b db=3 cmd=blpop\nid=8 flags=N cmd=client\n";

/** A connection on which the clients are listed. */
const client: Pick<RedisClient, "callBuffer"> = {
  callBuffer: () => Promise.resolve(Buffer.from(CLIENTS)),
};
const scripting = { system: "cache", client: client as RedisClient };

describe("what a rollback has put back and is something else now", () => {
  test.for([1, 18, 3, 17, 15, 21])("was taken when it is of kind %i", async (kind) => {
    const altered = new Map([["jobs", { payload: Buffer.from([kind, 5]), leftMs: undefined }]]);

    await expect(assertNotTaken(scripting, altered)).rejects.toMatchObject({
      code: "EXPLORE_CONSUMER_WAITING",
      message:
        "cache: a client was waiting for what the rollback put back, and took it at once.\n" +
        "  keys:      jobs\n" +
        "  consumers: blpop of client 7 at 127.0.0.1:5, database 3\n" +
        "Stop the worker while exploring and run one of its jobs as an action, or let the action wait until the worker has emptied the queue.",
    });
  });

  test("was written when it is of a kind that nobody can wait for, or was removed", async () => {
    const altered = new Map([
      ["text", { payload: Buffer.from([0, 5]), leftMs: undefined }],
      ["hash", { payload: Buffer.from([16, 5]), leftMs: undefined }],
      ["removed", undefined],
    ]);

    await expect(assertNotTaken(scripting, altered)).resolves.toBeUndefined();
  });
});
