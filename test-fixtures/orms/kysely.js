import { Kysely, PostgresDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { Pool } from "pg";

const migrations = {
  "001_orders": {
    up: ({ schema }) =>
      schema
        .createTable("orders")
        .addColumn("id", "integer", (column) => column.primaryKey().generatedAlwaysAsIdentity())
        .addColumn("amount", "integer", (column) => column.notNull())
        .addColumn("refunded", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("status", "text", (column) => column.notNull().defaultTo("paid"))
        .execute(),
  },
};

export async function connect(connectionString) {
  const pool = new Pool({ connectionString, max: 3 });
  // Without it, the process dies with an idle connection that the server ends.
  pool.on("error", console.error);
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const provider = { getMigrations: async () => migrations };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;

  return (work) =>
    db.transaction().execute((trx) =>
      work({
        insert: (amount) =>
          trx.insertInto("orders").values({ amount }).returningAll().executeTakeFirst(),
        find: (id) =>
          trx.selectFrom("orders").selectAll().where("id", "=", id).forUpdate().executeTakeFirst(),
        update: (id, changes) =>
          trx.updateTable("orders").set(changes).where("id", "=", id).execute(),
      }),
    );
}
