import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";

/** An engine that is there answers at once; one that is away for good must not cost more than this. */
const ANSWER_LIMIT_MS = 1500;

/**
 * Says why there is no container engine, `undefined` when one answers. Looks where testcontainers
 * looks, but at once: where nothing listens, that library may wait for minutes and does not say where
 * it looked.
 */
export async function whyNoEngine(): Promise<string | undefined> {
  const given = givenAddress();
  if (given !== undefined) {
    const problem = await problemAt(given.address);
    if (problem === undefined) return undefined;
    return `no container engine answers at ${given.by}=${given.address} (${problem})`;
  }
  const problems: string[] = [];
  for (const path of usualSockets()) {
    const problem = existsSync(path) ? await problemAt(`unix://${path}`) : "not there";
    if (problem === undefined) return undefined;
    problems.push(`${path} (${problem})`);
  }
  return `no container engine answers: DOCKER_HOST is not set, ${problems.join(", ")}`;
}

interface GivenAddress {
  readonly by: string;
  readonly address: string;
}

/** The address that somebody chose. Where it does not answer, no other engine is taken instead. */
function givenAddress(): GivenAddress | undefined {
  const properties = readProperties();
  const cloud = properties.get("tc.host");
  if (cloud !== undefined) return { by: "tc.host", address: cloud };
  const host = process.env["DOCKER_HOST"];
  if (host !== undefined) return { by: "DOCKER_HOST", address: host };
  const file = properties.get("docker.host");
  return file === undefined ? undefined : { by: "docker.host", address: file };
}

/** What testcontainers keeps in the user's home folder. */
function readProperties(): ReadonlyMap<string, string> {
  const file = join(homedir(), ".testcontainers.properties");
  if (!existsSync(file)) return new Map();
  const pairs = readFileSync(file, "utf8").matchAll(/^\s*([\w.]+)\s*[=:]\s*(\S+)\s*$/gm);
  return new Map([...pairs].map(([, name = "", value = ""]) => [name, value]));
}

function usualSockets(): readonly string[] {
  if (process.platform === "win32") return ["//./pipe/docker_engine"];
  const session = process.env["XDG_RUNTIME_DIR"];
  const sockets = [
    "/var/run/docker.sock",
    ...(session === undefined ? [] : [join(session, "docker.sock")]),
    join(homedir(), ".docker", "run", "docker.sock"),
    join(homedir(), ".docker", "desktop", "docker.sock"),
    join("/run", "user", String(userInfo().uid), "docker.sock"),
  ];
  return [...new Set(sockets)];
}

/** Why no engine answers there; `undefined` when one does. */
function problemAt(address: string): Promise<string | undefined> | string {
  if (!URL.canParse(address)) return "not an address";
  const { protocol, hostname, port, pathname } = new URL(address);
  if (!["unix:", "npipe:", "tcp:", "http:", "https:"].includes(protocol)) {
    return `testcontainers cannot use ${protocol}//`;
  }
  const to = hostname === "" ? { path: pathname } : { host: hostname, port: Number(port) };
  // The certificates are for testcontainers to use; that something listens is all that is asked here.
  if (process.env["DOCKER_TLS_VERIFY"] === "1" && hostname !== "") return whyNotListening(to);
  return whyNoPing(to);
}

type Target =
  | { readonly path: string }
  | {
      readonly host: string;
      readonly port: number;
    };

function whyNotListening(to: Target): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(to);
    const end = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => end(tooSlow()));
    socket.on("connect", () => end());
    socket.on("error", (error) => end(nameOf(error)));
  });
}

/** @see https://docs.docker.com/reference/api/engine/ "/_ping", which every version has. */
function whyNoPing(to: Target): Promise<string | undefined> {
  const target = "path" in to ? { socketPath: to.path } : to;
  return new Promise((resolve) => {
    const ping = request({ ...target, path: "/_ping", agent: false }, (answer) => {
      resolve(answer.statusCode === 200 ? undefined : `it answers ${answer.statusCode}`);
      ping.destroy();
    });
    // The limit of the whole exchange: a timeout of the socket would begin anew with every byte.
    const limit = setTimeout(() => {
      resolve(tooSlow());
      ping.destroy();
    }, ANSWER_LIMIT_MS);
    ping.on("close", () => clearTimeout(limit));
    ping.on("error", (error) => resolve(nameOf(error)));
    ping.end();
  });
}

function tooSlow(): string {
  return `no answer within ${ANSWER_LIMIT_MS / 1000} s`;
}

function nameOf(error: Error): string {
  const code = "code" in error ? String(error.code) : error.message;
  const meanings: Readonly<Record<string, string>> = {
    ENOENT: "not there",
    EACCES: "permission denied",
    ECONNREFUSED: "nothing listens there",
    ENOTFOUND: "unknown host",
  };
  return meanings[code] ?? code;
}
