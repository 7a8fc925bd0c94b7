import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { SystemDiff } from "../../../../src/explore/diffs.ts";
import { ID, added, formOf, jwt, orders, system } from "./worlds.ts";

const KEY_VALUE = [{ name: "key" }, { name: "value" }];

const loggedIn = (session: string, other: string): string =>
  formOf(keys([`session:${session}`, "ann"], [`session:${other}`, "bob"]), {
    cookies: { sid: `s%3A${session}.signed` },
  });

test("sessions with random tokens and cookies are one state", () => {
  expect(loggedIn(token(), token())).toBe(loggedIn(token(), token()));
});

test("whose session the cookie belongs to matters", () => {
  const [a, b] = [token(), token()];
  const sessions = keys([`session:${a}`, "ann"], [`session:${b}`, "bob"]);
  expect(formOf(sessions, { cookie: a })).not.toBe(formOf(sessions, { cookie: b }));
});

const created = (id: string, mentioned: string): string => {
  const rows = [[id, 5]];
  return formOf(
    [
      system("db", { orders: { columns: [ID, { name: "amount" }], rows } }),
      ...keys(["last", `/orders/${mentioned}`]),
    ],
    { href: `/orders/${id}/refund`, json: JSON.stringify({ id }) },
  );
};

test("a token is one value across systems, columns and the context", () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  expect(created(a, a)).toBe(created(b, b));
  expect(created(a, a)).not.toBe(created(a, c));
});

test("a token that stands in a row of the root is a constant", () => {
  const [a, b] = [token(), token()];
  const changes = [a, b].map((code) => ({ before: [code, 0], after: [code, 1] }));
  const columns = [{ name: "code" }, { name: "used" }];
  const invites = { name: "db", diff: [{ collection: "invites", columns, changes }] };
  expect(formOf([invites, ...keys(["code", a])])).not.toBe(formOf([invites, ...keys(["code", b])]));
});

const withToken = (iat: number, sub: number, jti: string): string =>
  formOf([system("db", { users: { columns: [ID], rows: [[sub]] } })], {
    auth: `Bearer ${jwt({ sub, role: "admin", iat, exp: iat + 60, jti }, token())}`,
  });

test("a JSON web token is its claims: times, its own identity and the signature are not", () => {
  expect(withToken(1_700_000_000, 4, "x1")).toBe(withToken(1_700_009_999, 5, "y2"));
  expect(formOf([], { auth: jwt({ role: "admin" }, "s") })).not.toBe(
    formOf([], { auth: jwt({ role: "guest" }, "s") }),
  );
});

const sub = (user: number): string =>
  formOf(orders(added(1, 5), added(2, 5)), jwt({ sub: user }, "s"));

test("a JSON web token of a seeded user is another one's", () => {
  expect(sub(1)).not.toBe(sub(2));
});

const cart = (id: number, inKey: number): string =>
  formOf([...orders(added(id, 100)), ...keys([`order:${inKey}:items`, "2"])]);

test("a Redis key names the identity that it holds", () => {
  expect(cart(17, 17)).toBe(cart(18, 18));
  expect(cart(17, 17)).not.toBe(cart(17, 18));
  expect(cart(17, 18)).not.toBe(cart(17, 19));
});

const cached = (id: number, at: string): string =>
  formOf([...orders(added(id, 100)), ...keys([`order:${id}`, JSON.stringify({ id, at })])]);

test("a cached row is read like the row", () => {
  expect(cached(17, "2024-05-01T10:00:00.000Z")).toBe(cached(18, "2024-05-02T11:00:00.000Z"));
});

test("JSON text keeps the order of its keys and its spaces", () => {
  const texts = ['{"a":1,"b":2}', '{"b":2,"a":1}', '{"a": 1,"b":2}', '{"a":1,"b":2.0}'];
  expect(new Set(texts.map((text) => formOf([], text))).size).toBe(texts.length);
});

function keys(...rows: readonly (readonly [string, string])[]): readonly SystemDiff[] {
  return [system("cache", { keys: { columns: KEY_VALUE, rows } })];
}

function token(): string {
  return randomBytes(16).toString("hex");
}
