import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fingerprint } from "../../../../src/explore/identity/index.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a form of up to 64 characters is its own fingerprint", () => {
  expect(fingerprint("x".repeat(64), sha256)).toBe("x".repeat(64));
});

test("a longer form is hashed, and kept apart from a form that reads like the hash", () => {
  const long = "x".repeat(65);
  expect(fingerprint(long, sha256)).toBe(`~${sha256(long)}`);
  expect(fingerprint(sha256(long), sha256)).not.toBe(fingerprint(long, sha256));
});

test("without a hash every form is its own fingerprint", () => {
  expect(fingerprint("x".repeat(65))).toBe("x".repeat(65));
});
