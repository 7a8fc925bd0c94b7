import { ExploreError } from "../../errors.ts";
import type { Server } from "./driver.ts";
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
      "Give the number of an empty database. If this one is for tests, set `testDatabase: true`: it is put back " +
      "as it was when the run ends.",
    { details: { system, where, db, size } },
  );
}

/** The server may be anybody's. */
export function remoteRefused({ system, address }: Server): ExploreError {
  const { host, port } = address;
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: the server ${host}:${port} is not on this machine, so others may need it.\n` +
      "If it is there for tests, set `allowRemote: true`.",
    { details: { system, host, port } },
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
