import { setTimeout as sleep } from "node:timers/promises";
import { openControl, openReader } from "./control.ts";
import type { Copies } from "./copies.ts";
import type { PostgresClient } from "./driver.ts";
import { createEngine } from "./undo-log/engine.ts";
import { install } from "./undo-log/epoch.ts";
import type { Access } from "./handle.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import type { Beginning } from "./undo-log/undo-history.ts";

/** The largest database that is copied for the case that an action changes the schema. */
const MAX_IMAGE_MIB = 256;
/** The largest that is read as a whole to see whether it is still as it was copied. */
const MAX_COMPARED_MIB = 32;
const MIB = 2 ** 20;

interface Start {
  readonly target: ModeTarget;
  readonly access: Access;
  readonly control: PostgresClient;
  readonly copies: Copies | undefined;
}

/** Installs the log and keeps a copy of the database where that disturbs nobody. */
export async function begin({ target, access, control, copies }: Start): Promise<Beginning> {
  const installed = await install(control, target, 0);
  const made = { target, copies, control, installed };
  if (copies === undefined) {
    return { ...made, image: { missing: "the database is the user's own" } };
  }
  const mib = await sizeOf(control);
  if (mib > MAX_IMAGE_MIB) {
    return { ...made, image: { missing: `the database is larger than ${MAX_IMAGE_MIB} MiB` } };
  }
  await access.closeSession();
  if (await isAlone(control)) return copyNow({ target, copies, control, installed });
  const image = mib > MAX_COMPARED_MIB ? undefined : await copyOrigin(made, copies);
  return { ...made, image: image ?? { missing: CONNECTED } };
}

const CONNECTED = "the app was connected when the run began, and had changed the database before";

async function copyNow(
  start: Omit<Beginning, "image" | "copies"> & { readonly copies: Copies },
): Promise<Beginning> {
  const { target, copies, installed } = start;
  await start.control.end();
  const image = await copies.make("prepare");
  const control = await openControl(target);
  const engine = await createEngine(control, installed.engine.catalogue);
  return { target, copies, control, installed: { ...installed, engine }, image };
}

/** What the database was copied from serves as well, as long as nothing has changed since. */
async function copyOrigin(
  { target, installed }: Pick<Beginning, "target" | "installed">,
  copies: Copies,
): Promise<string | undefined> {
  if (target.origin === undefined) return undefined;
  const image = await copies.make("prepare", target.origin);
  const isSame = (await contentOf(target, image)) === (await contentOf(target, target.database));
  const client = await openControl({ ...target, database: image });
  try {
    const copy = isSame ? await install(client, { ...target, database: image }, 0) : undefined;
    if (copy?.start === installed.start) return image;
  } finally {
    await client.end();
  }
  await copies.drop(image);
  return undefined;
}

async function contentOf(target: ModeTarget, database: string): Promise<string> {
  const client = await openReader(target, database);
  try {
    const { driver, schemas } = target;
    return JSON.stringify(await observeDatabase({ client, driver, schemas }));
  } finally {
    await client.end();
  }
}

async function sizeOf(client: PostgresClient): Promise<number> {
  const { rows } = await client.query<{ size: string }>(
    "SELECT pg_database_size(current_database())::text AS size",
  );
  return Number(rows[0]?.size) / MIB;
}

/** Looks some times: a connection that was closed takes a moment to go. */
async function isAlone(client: PostgresClient): Promise<boolean> {
  for (let looks = 0; looks < 10; looks += 1) {
    const { rows } = await client.query<{ others: string }>(
      "SELECT count(*)::text AS others FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL",
    );
    if (rows[0]?.others === "0") return true;
    await sleep(5);
  }
  return false;
}
