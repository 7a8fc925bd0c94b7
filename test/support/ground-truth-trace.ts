import type { HttpClient } from "../../src/adapters/http/index.ts";

/** Names of generated values in the order in which a run showed them. */
export type Labels = Map<string, number>;

const JWT = /eyJ[\w-]+\.([\w-]+)\.[\w-]+/g;
const GENERATED = /[0-9a-f]{8}-[0-9a-f-]{27}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;

/**
 * Writes what an app answered so that two runs can be compared: ids and tokens become `#0`, `#1`… in
 * the order of their first appearance, times are left out.
 *
 * @param scope - Numbers called `id` are told apart by it: they may come from different tables.
 * @param labels - Of this run; grows.
 */
export function normalised(outcome: unknown, scope: string, labels: Labels): string {
  return JSON.stringify(outcome, (key, value: unknown) => {
    if (typeof value === "number" && /(^|_)id$/.test(key)) {
      return labelOf(`${scope} ${key} ${value}`, labels);
    }
    if (typeof value === "number" && value > 1e12) return "<time>";
    if (typeof value !== "string") return value;
    if (TIME.test(value)) return "<time>";
    return value.replaceAll(JWT, claimsOf).replaceAll(GENERATED, (text) => labelOf(text, labels));
  });
}

/** A signed token is what it claims: whether two are one text depends on the second they were made in. */
function claimsOf(_token: string, payload: string): string {
  const text = Buffer.from(payload, "base64url").toString();
  return JSON.stringify({ ...(JSON.parse(text) as object), iat: undefined });
}

/** Numbers the labels of a normalised text anew, for a run that began in its middle. */
export function renumbered(text: string, labels: Labels): string {
  return text.replaceAll(/#\d+/g, (label) => labelOf(label, labels));
}

function labelOf(value: string, labels: Labels): string {
  const known = labels.get(value) ?? labels.size;
  labels.set(value, known);
  return `#${known}`;
}

/** A client that keeps status and body of every response. */
export function recordingClient(
  client: HttpClient,
  told: (status: number, body: unknown) => void,
): HttpClient {
  return new Proxy(client, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: readonly unknown[]) => {
        const result: unknown = Reflect.apply(member, target, args);
        if (name === "with" || name === "session") {
          return recordingClient(result as HttpClient, told);
        }
        return (result as ReturnType<HttpClient["get"]>).then((response) => {
          told(response.status, response.body);
          return response;
        });
      };
    },
  });
}
