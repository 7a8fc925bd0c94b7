import { mysql } from "vitest-explore/mysql";
import { postgres } from "vitest-explore/postgres";
import { redis } from "vitest-explore/redis";
import { createTest } from "vitest-explore/test";

const test = createTest({
  db: postgres({ schema: "schema.sql", server: { folder: "/usr/lib/postgresql/17/bin" } }),
  cache: redis({ server: { way: "container", image: "redis:7.4" } }),
});

postgres({ server: { way: "container", image: "pgvector/pgvector:pg17" } });
mysql({ server: { way: "container", image: "mariadb:11" } });
// oxfmt-ignore
redis({ server: { way: "container", image: "valkey/valkey:8-alpine", args: ["--maxmemory", "64mb"] } });

test("a server that no test needs is not started", () => {});
