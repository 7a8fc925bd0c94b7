import { Client } from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { lane } from "../support/lane.ts";
import { startServer } from "../support/postgres/server.ts";
import { postgresVersions, probeVersions } from "../support/postgres/versions.ts";

lane("PostgreSQL in several versions", probeVersions, () => {
  const versions = postgresVersions();

  test("each major version is listed once, the oldest first", () => {
    const majors = versions.map(({ version }) => Number(version));
    expect(majors).toEqual([...new Set(majors)].toSorted((a, b) => a - b));
  });

  describe("the programs of a version are that version", () => {
    test.for(versions)("$version", async ({ version, folder }) => {
      const server = await startServer(folder);
      onTestFinished(() => server.stop());
      const client = new Client({ connectionString: server.url("postgres") });
      await client.connect();
      onTestFinished(() => client.end());
      const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
      expect(rows[0]?.server_version.split(".")[0]).toBe(version);
    });
  });
});
