import { createServer } from "node:http";
import { Pool } from "pg";
import { createShop } from "./shop.js";

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
const shop = createShop(pool, Number(process.env.LATER_MS ?? 0));
createServer(shop).listen(Number(process.env.PORT), "127.0.0.1");
