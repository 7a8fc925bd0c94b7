import { ExploreError } from "../../errors.ts";
import { TEST_MARK } from "../test-mark.ts";
import type { Server } from "./driver.ts";
import type { LeftCopy } from "./base-copy.ts";
import { MARKER } from "./keys.ts";
import type { Marker } from "./marker.ts";

/** The database holds keys that nobody said may be changed. */
export function notTestDatabase(
  { system, address }: Server,
  db: number,
  size: number,
): ExploreError {
  const where = address.socket ?? `${address.host}:${address.port}`;
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: database ${db} is not empty, so it may be one that is needed.\n` +
      `  server: ${where}\n` +
      `  keys:   ${size}\n` +
      "Give the number of an empty database. If this one is for tests, set `testDatabase: true`, or the key " +
      `${TEST_MARK} in it: it is put back as it was when the run ends.`,
    { details: { system, where, db, size } },
  );
}

/** Another world works in the database. */
export function databaseTaken(
  { system, address }: Server,
  db: number,
  marker: Marker | undefined,
): ExploreError {
  const where = address.socket ?? `${address.host}:${address.port}`;
  const holder =
    marker === undefined
      ? "another run that has just begun"
      : `process ${marker.owner.pid}, since ${new Date(marker.since).toISOString()}`;
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: database ${db} is explored by another run.\n` +
      `  server:  ${where}\n` +
      `  used by: ${holder}\n` +
      "Leave out `db` to have a free one chosen, give another number, or wait until the other run has ended.",
    { details: { system, where, db, pid: marker?.owner.pid } },
  );
}

/** A cluster has one database only, spread over several servers. */
export function clusterRefused(system: string): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: the server is part of a Redis Cluster, which has no databases of our own to roll back.\n` +
      "Start a single server for the tests; most clients speak to both.",
    { details: { system } },
  );
}

/** No database can be chosen. */
export function noFreeDatabase(
  { system, address }: Server,
  { taken, filled }: { readonly taken: number; readonly filled: number },
): ExploreError {
  const where = address.socket ?? `${address.host}:${address.port}`;
  return new ExploreError(
    taken > 0 ? "EXPLORE_DATABASE_LOCKED" : "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: no database of the server is empty and free.\n` +
      `  server:           ${where}\n` +
      `  used by worlds:   ${taken}\n` +
      `  hold other keys:  ${filled}\n` +
      "Each world needs a database of its own. Start the server with more of them (`databases`), run fewer " +
      "workers, empty a database, or leave out `url` and `host` to have a server started.",
    { details: { system, where, taken, filled } },
  );
}

/** What was in the database cannot be put back, since its copy is gone. */
export function copyGone(system: string, db: number): ExploreError {
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: a run that was killed has left database ${db} changed, and the copy of what it held is gone.\n` +
      `Put its content back by hand, then remove the key ${MARKER}.`,
    { details: { system, db } },
  );
}

/** A copy is there, and it cannot be told whether the database still needs it. */
export function copyLeft(system: string, db: number, { file }: LeftCopy): ExploreError {
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: a run in database ${db} was killed, and the server has been started anew since, so it cannot be told ` +
      "whose the keys are that it holds now.\n" +
      `  copy of what it held before that run: ${file}\n` +
      "Empty the database to have the copy put back, or remove the file to go on with what is there.",
    { details: { system, db, file } },
  );
}

/** The app has put another database in the place of ours. */
export function swapped(system: string, db: number, elsewhere: number): ExploreError {
  return new ExploreError(
    "EXPLORE_ROLLBACK_INCOMPLETE",
    `${system}: SWAPDB has put another database in the place of database ${db}, which no rollback undoes.\n` +
      `  what is explored: now in database ${elsewhere}\n` +
      `  database ${db}:       left alone since then\n` +
      `Take the action that swaps out of the exploration. SWAPDB ${db} ${elsewhere} undoes it.`,
    { details: { system, db, elsewhere } },
  );
}
