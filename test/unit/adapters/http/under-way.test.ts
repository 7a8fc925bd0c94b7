import { expect, test } from "vitest";
import { connectHttp, SHOP } from "../../../support/http/connect.ts";

test("a step that does not wait for its request is refused by name", async () => {
  const { handle, adapter } = await connectHttp(SHOP);
  const root = await adapter.checkpoint();

  const floating = handle.session("ann").get("/health");
  const refused = adapter.diff(root);

  await expect(refused).rejects.toMatchObject({
    code: "EXPLORE_USAGE",
    message: expect.stringContaining("api: GET /health was still under way when its step was over"),
  });
  await floating;
  await expect(adapter.diff(root)).resolves.toEqual([]);
});

test("a request that failed is not waited for any more", async () => {
  const { handle, adapter } = await connectHttp(SHOP);
  const root = await adapter.checkpoint();

  await expect(handle.get("/health", { signal: AbortSignal.abort() })).rejects.toThrow("aborted");

  await expect(adapter.diff(root)).resolves.toEqual([]);
});

test("before a rollback, requests that nobody waits for come to their end", async () => {
  const { handle, adapter } = await connectHttp(SHOP);
  const answered: number[] = [];
  const sent = handle.get("/health").then(({ status }) => answered.push(status));

  await adapter.settle();

  expect(answered).toEqual([200]);
  await sent;
});
