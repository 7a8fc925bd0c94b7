import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Library from "testcontainers";
import type { ServerRequest } from "../server-request.ts";
import { type StartedServer, wayUnavailable } from "../ways/way.ts";
import { RECIPES } from "./images.ts";
import { readLastLines } from "./last-lines.ts";
import { ownerLabels, removeContainer, removeLeftovers } from "./leftovers.ts";
import { isReady } from "./readiness.ts";

/** The library, loaded only when a container is to be started. */
export type Testcontainers = typeof Library;

type Container = ReturnType<Library.ContainerRuntimeClient["container"]["getById"]>;

const LOOPBACK = "127.0.0.1";

const PULL_LIMIT_MS = 10 * 60_000;
/** MySQL's image needs half a minute on a busy machine. */
const START_LIMIT_MS = 2 * 60_000;
const ASK_EVERY_MS = 25;
/** PostgreSQL shares memory between its processes here; an engine's own default is 64 MB. */
const SHARED_MEMORY_BYTES = 256 * 1024 * 1024;

interface Pull {
  readonly image: string;
  readonly say: (line: string) => void;
}

/**
 * Runs a server in a container. Of testcontainers it takes the search for an engine, the pull with
 * its credentials, and Ryuk; the container itself it makes through the engine's client, since the
 * library would open the port to the whole network.
 */
export async function startContainer(
  library: Testcontainers,
  { kind, options }: ServerRequest,
  say: (line: string) => void,
): Promise<StartedServer> {
  const recipe = RECIPES[kind];
  const image = options.image ?? recipe.image;
  const client = await connectTo(library);
  await removeLeftovers(client.container.dockerode);
  await pull(library, client, { image, say });
  say(`starting a container of ${image}`);
  const host = hostOf(client);
  const password = randomBytes(16).toString("hex");
  const container = await client.container.dockerode.createContainer({
    Image: image,
    Env: recipe.environment(password),
    Cmd: [...recipe.args(password), ...(options.args ?? [])],
    Labels: { ...ownerLabels(), ...(await reaperLabels(library, client)) },
    ExposedPorts: { [`${recipe.port}/tcp`]: {} },
    HostConfig: {
      // An engine on another machine must open it there to be reached at all.
      PortBindings: {
        [`${recipe.port}/tcp`]: [{ HostIp: host === LOOPBACK ? LOOPBACK : "", HostPort: "" }],
      },
      Tmpfs: { [recipe.dataFolder]: "rw,mode=1777" },
      ShmSize: SHARED_MEMORY_BYTES,
    },
  });
  try {
    await container.start();
    const port = await publishedPort(container, recipe.port);
    await untilReady(container, () => isReady(kind, { host, port }));
    return {
      url: recipe.url(password, `${host}:${port}`),
      way: `container ${image}`,
      isAlive: () => isRunning(container),
      stop: () => removeContainer(container),
    };
  } catch (error) {
    await removeContainer(container);
    throw new Error(reasonOf(error), { cause: error });
  }
}

async function connectTo(library: Testcontainers): Promise<Library.ContainerRuntimeClient> {
  try {
    return await library.getContainerRuntimeClient();
  } catch (error) {
    throw wayUnavailable(`testcontainers: ${reasonOf(error)} (DEBUG=testcontainers says why)`);
  }
}

async function pull(
  library: Testcontainers,
  client: Library.ContainerRuntimeClient,
  { image, say }: Pull,
): Promise<void> {
  const name = library.ImageName.fromString(image);
  if (await client.image.exists(name)) return;
  say(`pulling ${image}`);
  const limit = sleep(PULL_LIMIT_MS, "late", { ref: false });
  const end = await Promise.race([client.image.pull(name), limit]).catch((error: unknown) => {
    throw wayUnavailable(`${image} cannot be pulled: ${reasonOf(error)}`);
  });
  if (end === "late") {
    throw new Error(`${image} was not pulled within ${PULL_LIMIT_MS / 60_000} minutes`);
  }
  // What goes wrong after the first layer has begun is in the progress, which testcontainers drops.
  if (await client.image.exists(name)) return;
  throw wayUnavailable(`the pull of ${image} broke off (docker pull ${image} says why)`);
}

/** By these Ryuk recognises what it has to remove when this process is gone. */
async function reaperLabels(
  library: Testcontainers,
  client: Library.ContainerRuntimeClient,
): Promise<Readonly<Record<string, string>>> {
  try {
    const { sessionId } = await library.getReaper(client);
    return { "org.testcontainers": "true", [library.LABEL_TESTCONTAINERS_SESSION_ID]: sessionId };
  } catch (error) {
    throw new Error(
      `Ryuk, which removes containers of killed runs, cannot be started: ${reasonOf(error)}\n` +
        "With TESTCONTAINERS_RYUK_DISABLED=true the next run removes them instead.",
      { cause: error },
    );
  }
}

/** Where the engine's ports can be reached from here. */
function hostOf(client: Library.ContainerRuntimeClient): string {
  const { host } = client.info.containerRuntime;
  // By its number: the name may mean ::1 first, where nothing listens.
  return host === "localhost" ? LOOPBACK : host;
}

async function publishedPort(container: Container, port: number): Promise<number> {
  const { NetworkSettings, State } = await container.inspect();
  const [binding] = NetworkSettings.Ports[`${port}/tcp`] ?? [];
  if (binding !== undefined) return Number(binding.HostPort);
  if (!State.Running) throw await ended(container);
  throw new Error(`the engine has published no port for ${port}`);
}

async function untilReady(container: Container, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await ask())) {
    if (!(await isRunning(container))) throw await ended(container);
    if (performance.now() > deadline) {
      const lines = await readLastLines(container);
      throw new Error(`it let no client in within ${START_LIMIT_MS / 1000} s${lines}`);
    }
    await sleep(ASK_EVERY_MS);
  }
}

async function isRunning(container: Container): Promise<boolean> {
  const { State } = await container.inspect().catch(() => ({ State: { Running: false } }));
  return State.Running;
}

async function ended(container: Container): Promise<Error> {
  const { State } = await container.inspect();
  const lines = await readLastLines(container);
  return new Error(`the container ended with exit code ${State.ExitCode}${lines}`);
}

/** The engine's own words, without what its client puts around them. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\(HTTP code \d+\) [\w ]+ - /, "").trim();
}
