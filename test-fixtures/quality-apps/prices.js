// A price list with a cache in memory and an endpoint that clears it. STALE=1 forgets to drop a changed
// price from the cache: a bug that only the app's memory holds.
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`
  CREATE TABLE IF NOT EXISTS prices (item TEXT PRIMARY KEY, cents INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS sales (id INTEGER PRIMARY KEY AUTOINCREMENT, cents INTEGER, listed INTEGER);
  INSERT INTO prices VALUES ('tea', 100) ON CONFLICT DO NOTHING;
`);

const cache = new Map();
const listed = () => db.prepare("SELECT cents FROM prices WHERE item = 'tea'").get().cents;

function price() {
  if (!cache.has("tea")) cache.set("tea", listed());
  return cache.get("tea");
}

serve({
  "GET /prices/tea": () => [200, { cents: price() }],
  "PUT /prices/tea": ({ body: { cents } }) => {
    db.prepare("UPDATE prices SET cents = ? WHERE item = 'tea'").run(cents);
    if (process.env.STALE !== "1") cache.delete("tea");
    return [200, { cents }];
  },
  "POST /sales": () => {
    const { lastInsertRowid: id } = db
      .prepare("INSERT INTO sales (cents, listed) VALUES (?, ?)")
      .run(price(), listed());
    return [201, { id, cents: price() }];
  },
  "POST /reset": () => {
    cache.clear();
    return [200, {}];
  },
});
