import type { Column, Row, RowChange, Value } from "../../../../src/adapters/adapter.ts";
import type { SystemDiff } from "../../../../src/explore/diffs.ts";
import { canonicalForm } from "../../../../src/explore/identity/index.ts";

export const ID: Column = { name: "id", role: "identity" };

/** A column that points to the `id` of a collection. */
export function referenceTo(collection: string, name: string): Column {
  return { name, references: { collection, column: "id" } };
}

/** One system of which rows of one or more collections were added. */
export function system(
  name: string,
  collections: Readonly<
    Record<string, { readonly columns: readonly Column[]; readonly rows: readonly Row[] }>
  >,
): SystemDiff {
  return {
    name,
    diff: Object.entries(collections).map(([collection, { columns, rows }]) => ({
      collection,
      columns,
      changes: rows.map((after) => ({ after })),
    })),
  };
}

/** A database with one table `orders (id, amount)` and these changes. */
export function orders(...changes: readonly RowChange[]): readonly SystemDiff[] {
  if (changes.length === 0) return [{ name: "db", diff: [] }];
  const columns = [ID, { name: "amount" }];
  return [{ name: "db", diff: [{ collection: "orders", columns, changes }] }];
}

export function added(...after: readonly Value[]): RowChange {
  return { after };
}

/** A signed token with these claims; the signature is any text. */
export function jwt(claims: object, signature: string): string {
  return `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}.${signature}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** The form of a world of which nothing is known beyond its differences. */
export function formOf(systems: readonly SystemDiff[], context: unknown = {}): string {
  return canonicalForm({ systems, context });
}
