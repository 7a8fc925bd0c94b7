import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ownIdentity } from "../../../../src/provision/ownership/owner.ts";
import type { ServerOptions } from "../../../../src/provision/server-request.ts";
import { container } from "../../../../src/provision/ways/container.ts";
import { isWayUnavailable } from "../../../../src/provision/ways/way.ts";
import { type Answers, startFakeEngine } from "../../../support/containers/fake-engine.ts";

// One for the file: testcontainers keeps the address of the engine it has found first.
const folder = mkdtempSync(join(tmpdir(), "explore-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  vi.stubEnv("HOME", folder);
  vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", "true");
  // In a container itself, testcontainers would ask the engine for the way to its host.
  vi.stubEnv("TESTCONTAINERS_HOST_OVERRIDE", "localhost");
  return () => vi.unstubAllEnvs();
});

/** Starts Redis, which fails; says how. */
async function failure(options: ServerOptions = {}): Promise<Error> {
  try {
    await start(options);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail.");
}

function start(options: ServerOptions = {}, said: string[] = []) {
  const say = (line: string): void => void said.push(line);
  return container.start({ kind: "redis", options }, { root: import.meta.dirname, say });
}

/** An engine that has the image and creates a container, which then does as the test says. */
const WITH_IMAGE: Answers = {
  "GET /images/redis:7-alpine/json": [200, {}],
  "POST /containers/create": [201, { Id: "1" }],
  "POST /containers/1/start": [204, ""],
  "DELETE /containers/1": [204, ""],
};

describe("a container does not exist here", () => {
  test("without an engine", async () => {
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
    const error = await failure();
    expect(isWayUnavailable(error)).toBe(true);
    expect(error.message).toMatch("no container engine answers at DOCKER_HOST=tcp://127.0.0.1:1");
  });

  test("for programs in a folder", async () => {
    const error = await failure({ folder: "/opt/redis/bin" });
    expect(isWayUnavailable(error)).toBe(true);
    expect(error.message).toBe("`folder` names programs of this machine, which no image contains");
  });

  test("without testcontainers", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "explore-test-"));
    cpSync(join(import.meta.dirname, "../../../../src"), join(elsewhere, "src"), {
      recursive: true,
    });
    writeFileSync(join(elsewhere, "package.json"), '{ "type": "module" }');
    const script =
      `import { container } from "./src/provision/ways/container.ts";` +
      `const place = { root: process.cwd(), say: () => {} };` +
      `container.start({ kind: "redis", options: {} }, place).catch((error) => console.log(error.message));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", script],
      { cwd: elsewhere, encoding: "utf8" },
    );
    rmSync(elsewhere, { recursive: true });
    expect(stdout, stderr).toBe("the package testcontainers is not installed\n");
  });

  // Must come before the tests that have a sound engine.
  test("when testcontainers cannot use the engine", async () => {
    await startFakeEngine(folder, { "GET /info": [500, { message: "not now" }] });
    const error = await failure();
    expect(isWayUnavailable(error)).toBe(true);
    expect(error.message).toBe(
      "testcontainers: Could not find a working container runtime strategy (DEBUG=testcontainers says why)",
    );
  });

  test("when the engine refuses to pull: its reason", async () => {
    await startFakeEngine(folder, {
      "GET /images/": [404, { message: "No such image: redis:7-alpine" }],
      "POST /images/create": [404, { message: "manifest for redis:7-alpine not found" }],
    });
    const error = await failure();
    expect(isWayUnavailable(error)).toBe(true);
    expect(error.message).toBe(
      "redis:7-alpine cannot be pulled: manifest for redis:7-alpine not found",
    );
  });

  test("when the pull breaks off", async () => {
    await startFakeEngine(folder, {
      "GET /images/": [404, { message: "No such image: redis:7-alpine" }],
      "POST /images/create": [200, '{"status":"Pulling"}\n{"error":"unexpected EOF"}\n'],
    });
    const said: string[] = [];
    await expect(start({}, said)).rejects.toThrow(
      "the pull of redis:7-alpine broke off (docker pull redis:7-alpine says why)",
    );
    expect(said).toEqual(["pulling redis:7-alpine"]);
  });
});

describe("a container fails", () => {
  // Must come before the tests that can do without.
  test("when Ryuk cannot be had: what to do without it", async () => {
    vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", undefined);
    await startFakeEngine(folder, {
      ...WITH_IMAGE,
      "GET /images/testcontainers/ryuk": [404, { message: "No such image: ryuk" }],
      "POST /images/create": [500, { message: "no route to the registry" }],
    });
    expect((await failure()).message).toBe(
      "Ryuk, which removes containers of killed runs, cannot be started: no route to the registry\n" +
        "With TESTCONTAINERS_RYUK_DISABLED=true the next run removes them instead.",
    );
  });

  test("when the engine cannot start it: its reason, and the container is removed", async () => {
    const requests = await startFakeEngine(folder, {
      ...WITH_IMAGE,
      "POST /containers/1/start": [500, { message: "no space left on device" }],
    });
    expect((await failure()).message).toBe("no space left on device");
    expect(requests.at(-1)?.line).toBe("DELETE /containers/1?force=true&v=true");
  });

  test("when it ends: its exit code and its last lines", async () => {
    const frame = Buffer.from("\u0001\0\0\0\0\0\0\u0012Fatal config error").toString();
    const requests = await startFakeEngine(folder, {
      ...WITH_IMAGE,
      "GET /containers/1/json": [
        200,
        { State: { Running: false, ExitCode: 3 }, NetworkSettings: { Ports: {} } },
      ],
      "GET /containers/1/logs": [200, frame],
    });
    expect((await failure()).message).toBe(
      "the container ended with exit code 3\n  Fatal config error",
    );
    expect(requests.at(-1)?.line).toBe("DELETE /containers/1?force=true&v=true");
  });
});

const LONG_AGO = 0;

/** A running container as the engine lists it. */
function listed(id: string, owner: unknown, more: object = {}): object {
  return {
    Id: id,
    State: "running",
    Created: Date.now() / 1000,
    Labels: { "vitest-explore.owner": JSON.stringify(owner) },
    ...more,
  };
}

describe("the engine is asked", () => {
  test("for a port on the loopback interface, data in memory and our mark", async () => {
    const requests = await startFakeEngine(folder, {
      ...WITH_IMAGE,
      "GET /containers/1/json": [404, { message: "gone" }],
    });
    await failure({ args: ["--maxmemory", "1mb"] });
    const created = JSON.parse(
      requests.find(({ line }) => line.startsWith("POST /containers/create"))?.body ?? "",
    );
    expect(created).toMatchObject({
      Image: "redis:7-alpine",
      Cmd: expect.arrayContaining(["--save", "", "--maxmemory", "1mb"]),
      HostConfig: {
        PortBindings: { "6379/tcp": [{ HostIp: "127.0.0.1" }] },
        Tmpfs: { "/data": "rw,mode=1777" },
      },
      Labels: { "vitest-explore.owner": expect.stringContaining(`"pid":${process.pid}`) },
    });
  });

  test("to remove what killed runs left, and nothing else", async () => {
    const mine = { ...ownIdentity(), machine: hostname() };
    const requests = await startFakeEngine(folder, {
      "GET /containers/json": [
        200,
        [
          listed("dead", { ...mine, start: "0" }),
          listed("alive", mine),
          listed(
            "other-machine",
            { ...mine, start: "0", machine: "another" },
            { Created: LONG_AGO },
          ),
          listed("other-boot", { ...mine, place: "another", start: "0" }, { Created: LONG_AGO }),
          listed(
            "other-boot-ended",
            { ...mine, place: "another" },
            { Created: LONG_AGO, State: "exited" },
          ),
          listed("other-boot-just-ended", { ...mine, place: "another" }, { State: "exited" }),
          listed("damaged", "x"),
        ],
      ],
      "DELETE /containers/dead": [404, { message: "removed meanwhile" }],
      "DELETE /containers/": [204, ""],
      "GET /images/": [500, { message: "enough" }],
    });
    await failure();
    const removed = requests.filter(({ line }) => line.startsWith("DELETE"));
    expect(removed.map(({ line }) => line)).toEqual([
      "DELETE /containers/dead?force=true&v=true",
      "DELETE /containers/other-boot-ended?force=true&v=true",
    ]);
  });
});
