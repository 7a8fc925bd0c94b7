import { DataSource, EntitySchema } from "typeorm";

const Order = new EntitySchema({
  name: "Order",
  tableName: "orders",
  columns: {
    id: { type: "integer", primary: true, generated: "increment" },
    amount: { type: "integer" },
    refunded: { type: "integer", default: 0 },
    status: { type: "text", default: "paid" },
  },
});

class Orders1764000000000 {
  name = "Orders1764000000000";
  up(runner) {
    return runner.query(
      `CREATE TABLE "orders" ("id" SERIAL PRIMARY KEY, "amount" integer NOT NULL,
       "refunded" integer NOT NULL DEFAULT 0, "status" text NOT NULL DEFAULT 'paid')`,
    );
  }
  down(runner) {
    return runner.query(`DROP TABLE "orders"`);
  }
}

export async function connect(url) {
  const source = new DataSource({
    type: "postgres",
    url,
    poolSize: 3,
    entities: [Order],
    migrations: [Orders1764000000000],
    migrationsRun: true,
  });
  await source.initialize();

  return (work) =>
    source.transaction((manager) => {
      const orders = manager.getRepository(Order);
      return work({
        insert: (amount) => orders.save({ amount }),
        find: (id) => orders.findOne({ where: { id }, lock: { mode: "pessimistic_write" } }),
        update: (id, changes) => orders.update(id, changes),
      });
    });
}
