export const up = ({ schema }) =>
  schema.createTable("orders", (table) => {
    table.increments("id");
    table.integer("amount").notNullable();
    table.integer("refunded").notNullable().defaultTo(0);
    table.text("status").notNullable().defaultTo("paid");
  });

export const down = ({ schema }) => schema.dropTable("orders");
