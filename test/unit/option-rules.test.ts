import { expect, test } from "vitest";
import type { OptionRules } from "../../src/option-rules.ts";
import { BOOLEAN, checkOptions, MILLISECONDS } from "../../src/option-rules.ts";

interface Options {
  readonly fast?: boolean;
  readonly waitMs?: number;
  readonly url?: string;
}

const RULES: OptionRules<Options> = {
  fast: BOOLEAN,
  waitMs: MILLISECONDS,
  url: { must: "a URL", holds: () => false, cure: "Give a URL.", isSecret: true },
};

const check = (given: unknown): Options =>
  checkOptions<Options>("toy()", given, RULES, "{ fast: true }");

test("answers the options that are given, without those that are undefined", () => {
  expect(check({ fast: true, waitMs: undefined })).toStrictEqual({ fast: true });
});

test.for([
  [[], "toy(): options must be an object, got [].\nGive e.g. { fast: true }."],
  [null, "toy(): options must be an object, got null.\nGive e.g. { fast: true }."],
  [{ fsat: true }, "toy(): fsat is not an option.\nDid you mean `fast`?"],
  [{ toString: 1 }, "toy(): toString is not an option.\nThe options are fast, waitMs, url."],
  [
    { fast: 1 },
    "toy(): fast must be true or false, got 1.\nGive true or false, or leave the option out.",
  ],
  [
    { waitMs: 2 ** 31 },
    "toy(): waitMs must be a whole number of milliseconds from 0 to 2147483647, got 2147483648.\n" +
      "Give a number such as 2000.",
  ],
  [{ url: "secret" }, "toy(): url must be a URL, got another text.\nGive a URL."],
  [{ url: 7 }, "toy(): url must be a URL, got 7.\nGive a URL."],
])("refuses %j", ([given, message]) => {
  expect(() => check(given)).toThrow(expect.objectContaining({ code: "EXPLORE_USAGE", message }));
});
