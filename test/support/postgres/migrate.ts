import { Client } from "pg";

/** An ORM's command in short: finds the database in its environment and fills it. */
const { DATABASE_URL, PGDATABASE } = process.env;
const client = new Client({ connectionString: DATABASE_URL });
await client.connect();
const { rows } = await client.query("SELECT current_database() AS name");
if (rows[0].name !== PGDATABASE) throw new Error("the variables name another database");
await client.query("INSERT INTO a VALUES (7)");
await client.end();
