import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { ExploreError } from "../../../../src/errors.ts";
import { askBroker } from "../../../../src/provision/broker/ask-broker.ts";
import { openBroker, type Broker } from "../../../../src/provision/broker/broker.ts";
import type { Servers } from "../../../../src/provision/provision.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

const QUESTION = { request: { kind: "redis", options: {} }, root: "/project" } as const;

function open(servers: Partial<Servers>): Broker {
  const broker = openBroker(
    { provide: () => Promise.reject(new Error("unused")), stop: async () => {}, ...servers },
    (error) => {
      throw error;
    },
  );
  onTestFinished(() => broker.close());
  return broker;
}

test("hands the question over and the answer back", async () => {
  ownTemporaryFolder();
  const asked: unknown[] = [];
  const { address } = open({
    provide: async (...question) => {
      asked.push(question);
      return { url: "redis://:secret@127.0.0.1:1/0", way: "binary /usr/bin" };
    },
  });

  const server = await askBroker(address, QUESTION);

  expect(server).toEqual({ url: "redis://:secret@127.0.0.1:1/0", way: "binary /usr/bin" });
  expect(asked).toEqual([[QUESTION.request, QUESTION.root]]);
});

test("an error arrives with its code, text and details", async () => {
  ownTemporaryFolder();
  const error = new ExploreError("EXPLORE_NO_SERVER", "None.\nMake one.", { details: { a: [1] } });
  const { address } = open({ provide: () => Promise.reject(error) });

  const answer = askBroker(address, QUESTION);

  await expect(answer).rejects.toBeInstanceOf(ExploreError);
  await expect(answer).rejects.toMatchObject({
    code: "EXPLORE_NO_SERVER",
    message: "None.\nMake one.",
    details: { a: [1] },
  });
});

test("a failure that nobody foresaw is told as ours", async () => {
  ownTemporaryFolder();
  const { address } = open({ provide: () => Promise.reject(new TypeError("x is undefined")) });

  await expect(askBroker(address, QUESTION)).rejects.toMatchObject({
    code: "EXPLORE_BUG",
    message: "TypeError: x is undefined",
  });
});

test("survives who goes away before the answer, and who speaks nonsense", async () => {
  ownTemporaryFolder();
  const { address } = open({
    provide: () => sleep(20).then(() => ({ url: "redis://late", way: "binary" })),
  });
  const impatient = connect(address);
  impatient.write(`${JSON.stringify(QUESTION)}\n`, () => impatient.destroy());
  const confused = connect(address);
  confused.write("GET / HTTP/1.1\n");
  const [reply] = await once(confused, "data");
  confused.destroy();

  expect(JSON.parse(String(reply))).toMatchObject({ error: { code: "EXPLORE_BUG" } });
  expect(await askBroker(address, QUESTION)).toMatchObject({ url: "redis://late" });
});

test("stops the servers when it closes, and who asks then is told", async () => {
  ownTemporaryFolder();
  let stopped = 0;
  const { address, close } = open({ stop: async () => void (stopped += 1) });
  expect(existsSync(address)).toBe(true);

  await close();

  expect(stopped).toBe(1);
  expect(existsSync(address)).toBe(false);
  const answer = askBroker(address, QUESTION);
  await expect(answer).rejects.toMatchObject({ code: "EXPLORE_NO_SERVER" });
  await expect(answer).rejects.toThrow(
    /^No redis server: Vitest's main process, which starts servers, does not answer \(connect ENOENT .*\)\.\nStart Vitest again, or give the URL of a running server as `url`\.$/,
  );
});

test.skipIf(process.platform === "win32")("listens where only this user can reach it", () => {
  ownTemporaryFolder();
  const { address } = open({});

  expect(statSync(dirname(address)).mode & 0o777).toBe(0o700);
  expect(Buffer.byteLength(address)).toBeLessThanOrEqual(103);
});
