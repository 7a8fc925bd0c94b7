import { DataTypes, Sequelize } from "sequelize";

export async function connect(url) {
  const sequelize = new Sequelize(url, { dialect: "mysql", logging: false, pool: { max: 3 } });
  const Order = sequelize.define(
    "Order",
    {
      amount: { type: DataTypes.INTEGER, allowNull: false },
      refunded: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 0 },
      status: { type: DataTypes.STRING, allowNull: false, defaultValue: "paid" },
    },
    { tableName: "orders" },
  );
  await sequelize.sync();

  return (work) =>
    sequelize.transaction((transaction) =>
      work({
        insert: async (amount) =>
          (await Order.create({ amount }, { transaction })).reload({ transaction }),
        find: (id) => Order.findByPk(id, { transaction, lock: true }),
        update: (id, changes) => Order.update(changes, { where: { id }, transaction }),
      }),
    );
}
