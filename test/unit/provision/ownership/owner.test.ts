import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  identify,
  livenessOf,
  ownIdentity,
  readIdentity,
} from "../../../../src/provision/ownership/owner.ts";

describe("the identity of a process", () => {
  test("stays the same while it runs", () => {
    expect(identify(process.pid)).toEqual(ownIdentity());
    expect(livenessOf(ownIdentity())).toBe("alive");
  });

  test("ends with it, also while nobody has asked for its exit code", async () => {
    // The shell's child becomes a zombie: the shell turns into a program that never waits.
    const shell = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 300"]);
    onTestFinished(() => void shell.kill("SIGKILL"));
    const [text] = await once(shell.stdout, "data");
    const child = identify(Number(text));
    expect(child).toBeDefined();

    await expect.poll(() => child && livenessOf(child)).toBe("dead");
  });

  test("differs from that of a later process with the same number", () => {
    expect(livenessOf({ ...ownIdentity(), start: "0" })).toBe("dead");
  });

  test("says nothing about another machine", () => {
    expect(livenessOf({ ...ownIdentity(), place: "elsewhere" })).toBe("elsewhere");
  });

  test.for([
    undefined,
    null,
    "1-2-3",
    {},
    { pid: 1, place: "a", start: "b" },
    { pid: -5, place: "a", start: "b" },
    { pid: 5.5, place: "a", start: "b" },
    { pid: 5, place: 1, start: "b" },
    { pid: 5, place: "a" },
  ])("is not read from %j", (value) => {
    expect(readIdentity(value)).toBeUndefined();
  });

  test("is read from what was written", () => {
    expect(readIdentity(JSON.parse(JSON.stringify(ownIdentity())))).toEqual(ownIdentity());
  });
});
