import { createServer } from "node:http";
import { Pool } from "pg";
import { createShop } from "./shop.js";

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
createServer(createShop(pool)).listen(Number(process.env.PORT), "127.0.0.1");
