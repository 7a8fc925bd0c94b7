import { createConnection } from "mysql2/promise";
import { expect, onTestFinished, test } from "vitest";
import { binary } from "../../src/provision/ways/binary.ts";
import { debianServer } from "../support/debian-servers.ts";
import { optionalLane } from "../support/lane.ts";

const { folder, name, probe } = debianServer("mysql-9");

optionalLane(name, probe, () => {
  test("MySQL itself starts as MariaDB does, and is that version", async () => {
    const request = { kind: "mysql", options: { folder } } as const;
    const server = await binary.start(request, { root: import.meta.dirname, say: () => {} });
    onTestFinished(() => server.stop());
    const connection = await createConnection({ uri: server.url });
    onTestFinished(() => connection.end());
    const [rows] = await connection.query("SELECT @@version AS version");
    expect(rows).toEqual([{ version: expect.stringMatching(/^9\.\d+\.\d+/) }]);
  });
});
