import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithOwner } from "./end-with-owner.ts";
import type { FoundProgram } from "./find-program.ts";
import { freePort } from "../port.ts";
import { exitText, startProcess, type ProcessGroup } from "../ownership/process-group.ts";
import { createServerFolder } from "./server-folder.ts";
import { giveTo, serverUser, type ServerUser } from "./server-user.ts";
import type { ServePlace, ServerProgram } from "../servers/server-program.ts";
import { createTail, serverEnvironment, type Tail } from "./server-process.ts";
import { findTemplate, type Template } from "./template.ts";
import type { StartedServer } from "../ways/way.ts";

/** Which program to run as a server. */
export interface ProgramRequest {
  readonly server: ServerProgram;
  readonly found: FoundProgram;
  /** How messages name it, e.g. `binary /usr/lib/postgresql/17/bin`. */
  readonly way: string;
  /** Further arguments. */
  readonly args?: readonly string[] | undefined;
  /** Says what is being done now. */
  readonly say: (line: string) => void;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5000;
const POLL_MS = 5;
const PORT_TRIES = 5;

/**
 * Runs a program as a server for us alone: on a free port of the loopback interface, behind a
 * password of its own, with a data folder that is removed with it.
 *
 * @throws Error with the last lines of its output when it does not start.
 */
export async function startProgram(request: ProgramRequest): Promise<StartedServer> {
  const user = serverUser(request.server.users);
  const template = await findTemplate({ ...request, user });
  request.say(`starting ${request.server.kind} with ${request.found.folder}`);
  try {
    return await startFrom(template, request, user);
  } catch (error) {
    if (template === undefined || !(await template.discardIfBroken())) throw error;
    return await startFrom(await findTemplate({ ...request, user }), request, user);
  }
}

async function startFrom(
  template: Template | undefined,
  request: ProgramRequest,
  user: ServerUser | undefined,
): Promise<StartedServer> {
  const folder = createServerFolder(user);
  let running: Running | undefined;
  try {
    const data = join(folder.path, "data");
    await (template === undefined ? mkdir(data) : template.copyTo(data));
    const password = randomBytes(18).toString("hex");
    const secret = template?.secret ?? "";
    const base = { folder: folder.path, data, password, secret };
    running = await serveOnFreePort({ request, user }, base);
    const { place, group } = running;
    await request.server.protect?.(place);
    group.unref();
    return {
      url: request.server.url(place),
      way: request.way,
      isAlive: group.isAlive,
      stop: async () => {
        await group.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await running?.group.stop();
    await folder.remove();
    throw error;
  }
}

interface Running {
  readonly place: ServePlace;
  readonly group: ProcessGroup;
}

interface Runner {
  readonly request: ProgramRequest;
  readonly user: ServerUser | undefined;
}

/** A port that was free may be taken when the server gets to it: then it is tried with another. */
async function serveOnFreePort(runner: Runner, base: Omit<ServePlace, "port">): Promise<Running> {
  for (let attempt = 1; ; attempt += 1) {
    const place: ServePlace = { ...base, port: await freePort() };
    const output = createTail();
    const group = await run(runner, place, output.append);
    const problem = await untilReady(runner.request.server, group, output);
    if (problem === undefined) return { place, group };
    await group.stop();
    const isPort = runner.request.server.portTaken.test(output.text());
    if (!isPort || attempt === PORT_TRIES) throw new Error(`${problem}${output.lastLines()}`);
  }
}

async function run(
  { request: { server, found, args = [] }, user }: Runner,
  place: ServePlace,
  print: (text: string) => void,
): Promise<ProcessGroup> {
  const serving = server.serve(place);
  for (const [name, text] of Object.entries(serving.files ?? {})) {
    const file = join(place.folder, name);
    await writeFile(file, text, { mode: 0o600 });
    giveTo(user, file);
  }
  return await startProcess({
    command: endWithOwner([found.program, ...serving.args, ...args], server.endSignal),
    cwd: place.folder,
    env: serverEnvironment(place.folder),
    stopSignal: server.endSignal,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    exitSignal: server.endSignal,
    user: user && { uid: user.uid, gid: user.gid },
    print,
  });
}

/** Waits for the server to take connections; says what happened when it does not. */
async function untilReady(
  { ready, kind }: ServerProgram,
  group: ProcessGroup,
  output: Tail,
): Promise<string | undefined> {
  const end = performance.now() + START_TIMEOUT_MS;
  while (!ready.test(output.text())) {
    if (group.exit() !== undefined) return `${kind} ${exitText(await group.exited)}`;
    if (performance.now() > end) return `${kind} was not ready after ${START_TIMEOUT_MS / 1000} s`;
    await sleep(POLL_MS);
  }
  return undefined;
}
