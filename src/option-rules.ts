import { show, unknownOption, usageError } from "./errors.ts";

/** What the value of an option must be. */
export interface OptionRule {
  /** Ends the sentence "… must be". */
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
  /** A whole sentence. */
  readonly cure: string;
  /** Whether a text may hold a password, and is not shown. */
  readonly isSecret?: boolean;
}

/** A rule for each option that there is. */
export type OptionRules<Options> = Readonly<Record<keyof Options & string, OptionRule>>;

/** A time to wait. */
export const MILLISECONDS: OptionRule = {
  must: "a whole number of milliseconds from 0 to 2147483647",
  holds: isWholeNumber(0, 2 ** 31 - 1),
  cure: "Give a number such as 2000.",
};

/** A yes or no. */
export const BOOLEAN: OptionRule = {
  must: "true or false",
  holds: (value) => typeof value === "boolean",
  cure: "Give true or false, or leave the option out.",
};

/** The rule for an option that is one of a few names. */
export function oneOf(names: readonly string[], cure: string): OptionRule {
  return {
    must: `one of ${names.join(", ")}`,
    holds: (value) => names.some((name) => name === value),
    cure,
  };
}

/** Tells a whole number in a range, both ends included. */
export function isWholeNumber(from: number, to: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to;
}

/** Tells an object that can hold options. */
export function isOptions(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks what the user gave to a function.
 *
 * @param call - The function, e.g. `sqlite()`.
 * @param example - Options that are right, as the user would write them.
 * @returns The options that are not `undefined`.
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown or wrong.
 */
// oxlint-disable-next-line max-params -- the call, what it was given, the rules and what is right
export function checkOptions<Options extends object>(
  call: string,
  given: unknown,
  rules: OptionRules<Options>,
  example: string,
): Options {
  if (!isOptions(given)) {
    throw usageError(
      `${call}: options`,
      `must be an object, got ${show(given)}`,
      `Give e.g. ${example}.`,
    );
  }
  const options = Object.entries(given);
  for (const [name, value] of options) {
    if (!isNameIn(rules, name)) throw unknownOption(call, name, Object.keys(rules));
    checkOption(`${call}: ${name}`, value, rules[name]);
  }
  return Object.fromEntries(options.filter(([, value]) => value !== undefined)) as Options;
}

/**
 * Checks one option; `undefined` is always right.
 *
 * @param where - The call and the option, e.g. `sqlite(): path`.
 * @throws ExploreError `EXPLORE_USAGE` with the value.
 */
export function checkOption(where: string, value: unknown, rule: OptionRule): void {
  const { must, holds, cure, isSecret = false } = rule;
  if (value === undefined || holds(value)) return;
  const shown = isSecret && typeof value === "string" ? "another text" : show(value);
  throw usageError(where, `must be ${must}, got ${shown}`, cure);
}

/** Whether there is a rule of this name. */
export function isNameIn<Rules extends object>(
  rules: Rules,
  name: string,
): name is keyof Rules & string {
  return Object.hasOwn(rules, name);
}
