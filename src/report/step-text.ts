import type { TracedDiff, TracedExchange, TracedStep, TracedText } from "../trace/trace.ts";
import { plainText } from "./plain-text.ts";
import { plural } from "./plural.ts";
import { changeLine, lineOf } from "./change-text.ts";

/** Of longer lists the beginning is shown. */
const MOST_EXCHANGES = 5;
const MOST_CHANGES = 6;
const MOST_OUTPUT_LINES = 10;
/** Characters of a body, and of a line of output. */
const MOST_CHARACTERS = 160;

/**
 * Tells what happened in a step, a line for each fact: requests, changed rows, output.
 *
 * @param several - There are several systems that answer requests, so each is named.
 */
export function stepFacts(step: TracedStep, several: boolean): readonly string[] {
  const { exchanges, omittedExchanges = 0, changes, output, checks = [] } = step;
  const show = (exchange: TracedExchange): string => exchangeLine(exchange, several);
  // Of many requests the last ones tell most: what failed came after them.
  const shown = exchanges.slice(-MOST_EXCHANGES);
  const earlier = omittedExchanges + exchanges.length - shown.length;
  return [
    ...(earlier > 0 ? [`(${plural(earlier, "earlier request")})`] : []),
    ...shown.map(show),
    ...changeLines(changes),
    ...output.flatMap(outputLines),
    ...checks.slice(0, MOST_EXCHANGES).map((exchange) => `checked by ${show(exchange)}`),
  ];
}

/** ` {"amount":100}`, nothing for a step that takes no input. */
export function inputText({ input }: TracedStep): string {
  return input === undefined ? "" : ` ${cut(lineOf(input))}`;
}

/** `POST /orders {"amount":100} → 201 {"id":1}` */
function exchangeLine(exchange: TracedExchange, several: boolean): string {
  const { system, method, target, body, response, error } = exchange;
  const asked = `${several ? `${system} ` : ""}${method} ${target}${bodyText(body)}`;
  if (response !== undefined) return `${asked} → ${response.status}${bodyText(response.body)}`;
  return `${asked} → ${error === undefined ? "no response" : `no response: ${cut(error)}`}`;
}

function bodyText(body: TracedText | undefined): string {
  if (body === undefined || body.text === "") return "";
  const { text, omitted = 0 } = body;
  const line = text.replaceAll(/\s+/g, " ").trim();
  const length = text.length + omitted;
  if (omitted === 0 && line.length <= MOST_CHARACTERS) return ` ${line}`;
  return ` ${line.slice(0, MOST_CHARACTERS)}… (${length} characters)`;
}

/** A step that changed nothing says so: that may be the bug. */
function changeLines(changes: readonly TracedDiff[] | undefined): readonly string[] {
  if (changes === undefined) return ["what it changed could not be read"];
  if (changes.length === 0) return ["changed nothing"];
  return changes.flatMap((diff) => {
    const lines = diff.changes.slice(0, MOST_CHANGES).map((change) => changeLine(diff, change));
    const rest = diff.changes.length + (diff.omitted ?? 0) - lines.length;
    const name = `${diff.system}.${diff.collection}`;
    if (rest > 0) lines.push(`and ${plural(rest, "more row")}`);
    return lines.map((line, index) => (index === 0 ? name : " ".repeat(name.length)) + `  ${line}`);
  });
}

function outputLines({ system, text }: TracedStep["output"][number]): readonly string[] {
  const lines = text.split("\n");
  const shown = lines.slice(-MOST_OUTPUT_LINES).map((line) => `  ${cut(plainText(line))}`);
  const earlier = lines.length - shown.length;
  const note = earlier > 0 ? ` (last ${shown.length} of ${lines.length} lines)` : "";
  return [`${system} printed:${note}`, ...shown];
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
