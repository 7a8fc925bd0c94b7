import { constants } from "node:os";
import { show, unknownOption, usageError } from "../../errors.ts";
import type { ExploreError } from "../../errors.ts";
import type { OptionRule } from "../../option-rules.ts";
import { checkOption, isNameIn, isWholeNumber } from "../../option-rules.ts";
import { isHandler } from "./handler-app.ts";
import type { AnyHttpOptions } from "./options.ts";

type Name = keyof AnyHttpOptions;

type Rule = Omit<OptionRule, "cure">;

const MAX_MS = 2 ** 31 - 1;

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isPath = (value: unknown): boolean => isText(value) && !/[*?{]/.test(String(value));
const isFunction = (value: unknown): boolean => typeof value === "function";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const MILLISECONDS: Rule = {
  must: "a number of milliseconds from 1 to 2147483647",
  holds: (value) => typeof value === "number" && value >= 1 && value <= MAX_MS,
};

const RULES: Readonly<Record<Name, Rule>> = {
  url: { must: "an absolute http or https URL without query or hash", holds: isBaseUrl },
  command: {
    must: "a command line, or a program with its arguments",
    holds: (value) =>
      isText(value) ||
      (Array.isArray(value) && isText(value[0]) && value.every((part) => typeof part === "string")),
  },
  app: {
    must: "a handler or a function that makes one",
    holds: (value) => isFunction(value) || isHandler(value),
  },
  kind: { must: '"node" or "fetch"', holds: (value) => value === "node" || value === "fetch" },
  env: {
    must: "an object of strings, or a function of the handles that returns one",
    holds: (value) =>
      isFunction(value) ||
      (isRecord(value) && Object.values(value).every((item) => typeof item === "string")),
  },
  cwd: { must: "the path of a folder", holds: isText },
  port: {
    must: "a port from 1 to 65535",
    holds: isWholeNumber(1, 65_535),
  },
  ready: {
    must: 'a path such as "/health", { path, status, timeoutMs } or a function',
    holds: isReady,
  },
  readyTimeoutMs: MILLISECONDS,
  requestTimeoutMs: MILLISECONDS,
  stopTimeoutMs: {
    must: "a number of milliseconds from 0 to 2147483647",
    holds: (value) => value === 0 || MILLISECONDS.holds(value),
  },
  stopSignal: {
    must: 'a signal such as "SIGTERM"',
    holds: (value) => typeof value === "string" && Object.hasOwn(constants.signals, value),
  },
  watch: {
    must: 'a list of files and folders, without patterns, such as ["server.py", "src"]',
    holds: (value) => Array.isArray(value) && value.every(isPath),
  },
  headers: {
    must: "an object of strings and numbers",
    holds: (value) =>
      isRecord(value) &&
      Object.values(value).every((item) => ["string", "number", "undefined"].includes(typeof item)),
  },
  reset: { must: "a function of the client and the handles", holds: isFunction },
};

const PLACES = ["url", "command", "app"] as const;

type Place = (typeof PLACES)[number];

/** Options that make sense for some places of the app only. */
const BELONGS_TO: Readonly<Partial<Record<Name, readonly Place[]>>> = {
  env: ["command"],
  cwd: ["command"],
  port: ["command"],
  stopSignal: ["command"],
  stopTimeoutMs: ["command"],
  watch: ["command"],
  ready: ["command", "url"],
  readyTimeoutMs: ["command", "url"],
  kind: ["app"],
};

/**
 * Reads what the spec gave to `http`.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, misplaced or wrong.
 */
export function readOptions(given: unknown): AnyHttpOptions {
  if (!isRecord(given)) throw optionsMissing(given);
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  for (const name of names) {
    if (!isNameIn(RULES, name)) throw unknownOption("http", name, Object.keys(RULES));
  }
  const places = PLACES.filter((place) => names.includes(place));
  const [place] = places;
  if (place === undefined || places.length > 1) throw placeUnclear(places);
  for (const name of names as Name[]) {
    const belongs = BELONGS_TO[name];
    if (belongs?.includes(place) === false) throw misplaced(name, belongs, place);
    checkOption(`http: ${name}`, given[name], { ...RULES[name], cure: "Correct it." });
  }
  return given;
}

function isBaseUrl(value: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, search, hash } = new URL(value);
  return (protocol === "http:" || protocol === "https:") && search === "" && hash === "";
}

function isReady(value: unknown): boolean {
  if (isFunction(value)) return true;
  if (typeof value === "string") return value.startsWith("/");
  if (!isRecord(value)) return false;
  const { path, status, timeoutMs, ...rest } = value;
  return (
    typeof path === "string" &&
    path.startsWith("/") &&
    (status === undefined || (Number.isInteger(status) && Number(status) >= 100)) &&
    (timeoutMs === undefined || MILLISECONDS.holds(timeoutMs)) &&
    Object.keys(rest).length === 0
  );
}

function optionsMissing(given: unknown): ExploreError {
  return usageError(
    "http: options",
    `must be an object, got ${show(given)}`,
    'Say where the app is, e.g. http({ command: "node server.js", ready: "/health" }).',
  );
}

function placeUnclear(places: readonly string[]): ExploreError {
  const problem =
    places.length === 0
      ? "say not where the app is: none of url, command and app is given"
      : `say twice where the app is: ${places.join(" and ")} are given`;
  return usageError("http: options", problem, "Give exactly one of url, command and app.");
}

function misplaced(name: Name, belongs: readonly Place[], place: Place): ExploreError {
  return usageError(
    `http: ${name}`,
    `has no meaning beside ${place}`,
    `It belongs to an app given by ${belongs.join(" or ")}. Remove it.`,
  );
}
