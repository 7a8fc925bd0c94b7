import { appendFileSync } from "node:fs";
import { Client } from "pg";

const client = new Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query("CREATE TABLE orders (id serial PRIMARY KEY)");
await client.end();
appendFileSync("migrated.log", `${process.env.PGDATABASE}\n`);
