import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.ts";

export async function connect(connectionString) {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 3 }) });

  return (work) =>
    prisma.$transaction(({ order }) =>
      work({
        insert: (amount) => order.create({ data: { amount } }),
        find: (id) => order.findUnique({ where: { id } }),
        update: (id, data) => order.update({ where: { id }, data }),
      }),
    );
}
