import { expect, test } from "vitest";
import { createExchanges } from "../../../../src/adapters/http/exchanges.ts";
import { connectHttp, SHOP } from "../../../support/http/connect.ts";

const request = {
  method: "POST",
  url: new URL("http://localhost/orders?a=1"),
  headers: { accept: "*/*" },
  body: "{}",
  timeoutMs: 1,
  signal: undefined,
};

test("a request is told from when it was begun, with its response or why there is none", () => {
  const exchanges = createExchanges();
  exchanges.begin(request);
  const mark = exchanges.mark();
  const first = exchanges.begin(request);
  const second = exchanges.begin(request);
  const third = exchanges.begin({ ...request, body: undefined });
  second.failed(new Error("No response.\nfacts"));
  first.answered({ status: 201, headers: {}, text: "made" });

  const sent = {
    method: "POST",
    target: "/orders?a=1",
    requestHeaders: { accept: "*/*" },
    requestBody: { content: "{}", length: 2 },
  };
  expect(exchanges.since(mark)).toEqual([
    { ...sent, response: { status: 201, headers: {}, body: { content: "made", length: 4 } } },
    { ...sent, error: "No response." },
    { ...sent, requestBody: undefined },
  ]);
  third.answered({ status: 200, headers: {}, text: "" });
  expect(exchanges.since(mark)[2]?.response?.status).toBe(200);
});

test("of long bodies the beginning is kept, of many requests the last ones", () => {
  const exchanges = createExchanges();
  const mark = exchanges.mark();
  for (let number = 0; number < 1000; number += 1) {
    exchanges
      .begin({ ...request, body: new Uint8Array(9000) })
      .answered({ status: number, headers: {}, text: "x".repeat(10_000) });
  }

  const kept = exchanges.since(mark);
  expect(exchanges.mark()).toBe(mark + 1000);
  expect(kept.map(({ response }) => response?.status)).toEqual(
    Array.from({ length: 200 }, (_, index) => 800 + index),
  );
  expect(kept[0]?.requestBody).toEqual({ content: new Uint8Array(8192), length: 9000 });
  expect(kept[0]?.response?.body).toEqual({ content: "x".repeat(8192), length: 10_000 });
});

test("what a client of the world sends is recorded, cookies included; waiting for it is not", async () => {
  const { handle, exchanges } = await connectHttp(SHOP);

  await handle.post("/login", { name: "ann" });
  await handle.get("/me");

  expect(
    exchanges?.since(0).map(({ method, target, response }) => [method, target, response?.status]),
  ).toMatchInlineSnapshot(`
      [
        [
          "POST",
          "/login",
          200,
        ],
        [
          "GET",
          "/me",
          200,
        ],
      ]
    `);
});
