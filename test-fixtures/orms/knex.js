import knex from "knex";

const migrations = [
  {
    name: "001_orders",
    up: ({ schema }) =>
      schema.createTable("orders", (table) => {
        table.increments("id");
        table.integer("amount").notNullable();
        table.integer("refunded").notNullable().defaultTo(0);
        table.text("status").notNullable().defaultTo("paid");
      }),
    down: ({ schema }) => schema.dropTable("orders"),
  },
];

const migrationSource = {
  getMigrations: async () => migrations,
  getMigrationName: ({ name }) => name,
  getMigration: async (migration) => migration,
};

export async function connect(connection) {
  const db = knex({ client: "pg", connection, pool: { min: 0, max: 3 } });
  await db.migrate.latest({ migrationSource });

  return (work) =>
    db.transaction((trx) =>
      work({
        insert: async (amount) => (await trx("orders").insert({ amount }).returning("*"))[0],
        find: (id) => trx("orders").where({ id }).forUpdate().first(),
        update: (id, changes) => trx("orders").where({ id }).update(changes),
      }),
    );
}
