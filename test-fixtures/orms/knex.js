import knex from "knex";
import settings from "./knexfile.js";

export async function connect() {
  const db = knex(settings);

  return (work) =>
    db.transaction((trx) =>
      work({
        insert: async (amount) => (await trx("orders").insert({ amount }).returning("*"))[0],
        find: (id) => trx("orders").where({ id }).forUpdate().first(),
        update: (id, changes) => trx("orders").where({ id }).update(changes),
      }),
    );
}
