import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Migrate, NewDatabase, Schema } from "../../../../src/adapters/sql/set-up.ts";
import { readSetUp } from "../../../../src/adapters/sql/set-up.ts";

let root = "";
const ran: string[] = [];

beforeEach(async () => {
  ran.splice(0);
  root = await mkdtemp(join(tmpdir(), "explore-set-up-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

/** A list of what it was told to do instead of a database. */
const toy: NewDatabase<string> = {
  url: "toy://database",
  client: "the client",
  variables: { TOY_HOST: "here" },
  runSql: async (sql) => {
    if (sql.includes("wrong")) throw new Error("no such word (toy)");
    ran.push(sql);
  },
  refusalOf: (error) => (String(error).includes("(toy)") ? "no such word" : undefined),
};

async function read(
  schema: Schema<string> | undefined,
  migrate?: Migrate<string>,
  { run = "one", limitMs = 20_000 }: { readonly run?: string; readonly limitMs?: number } = {},
) {
  const options = { schema, migrate, migrateTimeoutMs: limitMs };
  const setUp = await readSetUp<string>(options, { name: "db", root, run });
  if (setUp === undefined) throw new Error("there is nothing to set up");
  return setUp;
}

describe("the key of a set-up", () => {
  test("follows the content of files, and not their place", async () => {
    await writeFile(join(root, "a.sql"), "CREATE 1");
    await writeFile(join(root, "b.sql"), "CREATE 1");
    const { key } = await read("a.sql");

    expect((await read("./b.sql")).key).toBe(key);
    expect((await read("CREATE 1")).key).not.toBe((await read("CREATE 2")).key);

    await writeFile(join(root, "a.sql"), "CREATE 2");
    expect((await read("a.sql")).key).not.toBe(key);
  });

  test("of a function is its own", async () => {
    const [one, two] = [1, 2].map((value) => () => void ran.push(String(value)));
    if (one === undefined || two === undefined) throw new Error("there are two");

    expect((await read(one)).key).toBe((await read(one)).key);
    expect((await read(one)).key).not.toBe((await read(two)).key);
  });

  test("of a command is the same within one run", async () => {
    const { key } = await read(undefined, "migrate");

    expect((await read(undefined, "migrate")).key).toBe(key);
    expect((await read(undefined, "migrate", { run: "two" })).key).not.toBe(key);
    expect((await read(undefined, "migrate again")).key).not.toBe(key);
  });
});

describe("a schema", () => {
  test("may be SQL, a file, a folder in the order of names, or a function", async () => {
    for (const name of ["2.sql", "10.sql", "1.sql"]) await writeFile(join(root, name), name);
    await writeFile(join(root, "notes.txt"), "not SQL");

    await (await read("CREATE it")).run(toy);
    await (await read("2.sql")).run(toy);
    await (await read(".")).run(toy);
    await (await read((client) => void ran.push(`called with ${client}`))).run(toy);

    expect(ran).toEqual([
      "CREATE it",
      "2.sql",
      "1.sql",
      "10.sql",
      "2.sql",
      "called with the client",
    ]);
  });

  test("may be in folders below, as migrations are kept", async () => {
    for (const name of ["20251201_orders", "20251130_users"]) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, "migration.sql"), name);
    }

    await (await read(".")).run(toy);

    expect(ran).toEqual(["20251130_users", "20251201_orders"]);
  });

  test.for([
    ["missing.sql", /^db: schema cannot be read: ENOENT.*missing\.sql.*\nCorrect the path/],
    [".", /^db: schema is the folder .*, which has no \.sql file\./],
  ] as const)("that cannot be read is refused: %s", async ([schema, message]) => {
    await expect(read(schema)).rejects.toThrow(message);
  });

  test("that the server refuses is told with its file; other errors stay as they are", async () => {
    await writeFile(join(root, "bad.sql"), "wrong");

    await expect((await read("bad.sql")).run(toy)).rejects.toThrow(
      `db: schema ${join(root, "bad.sql")} was refused: no such word.`,
    );
    const broken = { ...toy, runSql: () => Promise.reject(new Error("connection lost")) };
    await expect((await read("CREATE 1")).run(broken)).rejects.toThrow("connection lost");
  });
});

describe("a migration", () => {
  test("comes after the schema, and is told url and client", async () => {
    const setUp = await read("CREATE it", ({ url, client }) => void ran.push(`${url} ${client}`));

    await setUp.run(toy);

    expect(ran).toEqual(["CREATE it", "toy://database the client"]);
  });

  test.for([
    ["a line for the shell", 'echo "$DATABASE_URL $TOY_HOST" > out.txt && exit 3'],
    [
      "a program with its arguments",
      [process.execPath, "-e", "console.log(process.env.DATABASE_URL); process.exit(3)"],
    ],
  ] as const)("may be %s, which fails with its code", async ([, command]) => {
    await expect((await read(undefined, command)).run(toy)).rejects.toMatchObject({
      code: "EXPLORE_MIGRATION_FAILED",
      message: expect.stringContaining("it ended with code 3"),
    });
  });

  test("finds the database in its environment, in the project's root", async () => {
    const script =
      "process.stderr.write([process.env.DATABASE_URL, process.env.TOY_HOST, process.cwd()].join()); process.exitCode = 1";
    const failure = (await read(undefined, [process.execPath, "-e", script])).run(toy);

    await expect(failure).rejects.toThrow(`printed:  toy://database,here,${root}`);
  });

  test("shows the whole text of its failure", async () => {
    const failure = (await read(undefined, "echo 'no such table'; exit 1")).run(toy);

    await expect(failure).rejects.toThrow(
      [
        "db: the new database could not be migrated: it ended with code 1.",
        "  migrate:  echo 'no such table'; exit 1",
        `  folder:   ${root}`,
        "  printed:  no such table",
        "Run it by hand against an empty database, correct it, or raise `migrateTimeoutMs`.",
      ].join("\n"),
    );
  });

  test.for([
    ["a command", "sleep 60"],
    ["a function", () => new Promise<void>(() => {})],
  ] as const)("that takes too long is given up: %s", async ([, migrate]) => {
    const setUp = await read(undefined, migrate, { limitMs: 50 });

    await expect(setUp.run(toy)).rejects.toThrow("it was not done after 50 ms");
  });

  test("that throws is told as such, and one that cannot be started", async () => {
    const throws = await read(undefined, () => Promise.reject(new Error("no table")));
    const missing = await read(undefined, ["no-such-program"]);

    await expect(throws.run(toy)).rejects.toThrow("it threw: no table");
    await expect(missing.run(toy)).rejects.toThrow(/it could not be started: .*ENOENT/);
  });
});
