// Posts with likes: an upsert, a counter beside it, soft deletes with a partial unique index, delete and
// create again. The bug: taking back a like lowers the counter though there was none. No bug: liking twice.
import { randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`
  CREATE TABLE IF NOT EXISTS posts (
    id TEXT PRIMARY KEY, slug TEXT NOT NULL, likes INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER
  );
  CREATE UNIQUE INDEX IF NOT EXISTS live_slugs ON posts (slug) WHERE deleted_at IS NULL;
  CREATE TABLE IF NOT EXISTS likes (
    post TEXT, reader TEXT, active INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (post, reader)
  ) WITHOUT ROWID;
`);

const live = db.prepare("SELECT * FROM posts WHERE slug = ? AND deleted_at IS NULL");
const count = db.prepare("UPDATE posts SET likes = likes + ?, updated_at = ? WHERE id = ?");

serve({
  "PUT /posts/:slug": ({ slug }) => {
    const now = Date.now();
    if (live.get(slug) !== undefined) return [409, { error: "exists" }];
    const id = randomUUID();
    db.prepare("INSERT INTO posts (id, slug, created_at, updated_at) VALUES (?, ?, ?, ?)").run(
      id,
      slug,
      now,
      now,
    );
    return [201, { id, slug }];
  },
  "DELETE /posts/:slug": ({ slug }) => {
    const post = live.get(slug);
    if (post === undefined) return [404, {}];
    db.prepare("UPDATE posts SET deleted_at = ? WHERE id = ?").run(Date.now(), post.id);
    return [200, {}];
  },
  "PUT /posts/:slug/likes/:reader": db.transaction(({ slug, reader }) => {
    const post = live.get(slug);
    if (post === undefined) return [404, {}];
    const { changes } = db
      .prepare(
        `INSERT INTO likes (post, reader) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET active = 1 WHERE active = 0`,
      )
      .run(post.id, reader);
    count.run(changes, Date.now(), post.id);
    return [200, { likes: live.get(slug).likes }];
  }),
  "DELETE /posts/:slug/likes/:reader": db.transaction(({ slug, reader }) => {
    const post = live.get(slug);
    if (post === undefined) return [404, {}];
    db.prepare("UPDATE likes SET active = 0 WHERE post = ? AND reader = ?").run(post.id, reader);
    count.run(-1, Date.now(), post.id);
    return [200, { likes: live.get(slug).likes }];
  }),
});
