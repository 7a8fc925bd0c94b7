import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { Pool } from "pg";

const orders = pgTable("orders", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  amount: integer("amount").notNull(),
  refunded: integer("refunded").notNull().default(0),
  status: text("status").notNull().default("paid"),
});

export async function connect(connectionString) {
  const pool = new Pool({ connectionString, max: 3 });
  // Without it, the process dies with an idle connection that the server ends.
  pool.on("error", console.error);
  const db = drizzle(pool);
  await migrate(db, { migrationsFolder: "drizzle" });

  return (work) =>
    db.transaction((tx) =>
      work({
        insert: async (amount) => (await tx.insert(orders).values({ amount }).returning())[0],
        find: async (id) =>
          (await tx.select().from(orders).where(eq(orders.id, id)).for("update"))[0],
        update: (id, changes) => tx.update(orders).set(changes).where(eq(orders.id, id)),
      }),
    );
}
