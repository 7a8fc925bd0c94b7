-- CreateTable
CREATE TABLE "orders" (
    "id" SERIAL NOT NULL,
    "amount" INTEGER NOT NULL,
    "refunded" INTEGER NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL DEFAULT 'paid',

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);
