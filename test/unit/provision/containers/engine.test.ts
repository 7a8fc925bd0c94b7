import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { whyNoEngine } from "../../../../src/provision/containers/engine.ts";
import { startFakeEngine } from "../../../support/containers/fake-engine.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

let folder = "";

/** A home and a session without engines: that of the machine must not be found. */
beforeEach(() => {
  folder = ownTemporaryFolder();
  vi.stubEnv("HOME", folder);
  vi.stubEnv("XDG_RUNTIME_DIR", folder);
  vi.stubEnv("DOCKER_HOST", undefined);
  vi.stubEnv("DOCKER_TLS_VERIFY", undefined);
});

describe("DOCKER_HOST", () => {
  test("an engine that answers", async () => {
    await startFakeEngine(folder, {});
    expect(await whyNoEngine()).toBeUndefined();
  });

  test("one that is ill", async () => {
    await startFakeEngine(folder, { "GET /_ping": [500, "out of space"] });
    expect(await whyNoEngine()).toBe(
      `no container engine answers at DOCKER_HOST=unix://${folder}/engine.sock (it answers 500)`,
    );
  });

  test("one that hangs", async () => {
    await startFakeEngine(folder, { "GET /_ping": "never" });
    expect(await whyNoEngine()).toMatch("engine.sock (no answer within 1.5 s)");
  });

  test("nothing there, of which no other engine is taken instead", async () => {
    await startFakeEngine(folder, {});
    vi.stubEnv("DOCKER_HOST", `unix://${folder}/other.sock`);
    expect(await whyNoEngine()).toMatch("other.sock (not there)");
  });

  test("a socket that nobody listens at any more", async () => {
    writeFileSync(join(folder, "left.sock"), "");
    vi.stubEnv("DOCKER_HOST", `unix://${folder}/left.sock`);
    expect(await whyNoEngine()).toMatch("left.sock (nothing listens there)");
  });

  test("a port where nothing listens", async () => {
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
    expect(await whyNoEngine()).toBe(
      "no container engine answers at DOCKER_HOST=tcp://127.0.0.1:1 (nothing listens there)",
    );
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    expect(await whyNoEngine()).toMatch("(nothing listens there)");
  });

  test("a port with certificates: that it is open is enough", async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    vi.stubEnv("DOCKER_HOST", `tcp://127.0.0.1:${port}`);
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    expect(await whyNoEngine()).toBeUndefined();
  });

  test.for([
    ["ssh://somebody@somewhere", "testcontainers cannot use ssh://"],
    ["somewhere", "not an address"],
  ])("%s", async ([address = "", problem = ""]) => {
    vi.stubEnv("DOCKER_HOST", address);
    expect(await whyNoEngine()).toBe(
      `no container engine answers at DOCKER_HOST=${address} (${problem})`,
    );
  });
});

describe("the file of testcontainers", () => {
  test("names an engine", async () => {
    writeFileSync(
      join(folder, ".testcontainers.properties"),
      `# mine\ndocker.host = unix://${folder}/mine.sock\n`,
    );
    expect(await whyNoEngine()).toBe(
      `no container engine answers at docker.host=unix://${folder}/mine.sock (not there)`,
    );
    await startFakeEngine(folder, {});
    expect(await whyNoEngine(), "DOCKER_HOST comes first").toBeUndefined();
  });
});

describe("the usual places", () => {
  test("an engine in the session's folder", async () => {
    await startFakeEngine(folder, {});
    vi.stubEnv("DOCKER_HOST", undefined);
    symlinkSync(join(folder, "engine.sock"), join(folder, "docker.sock"));
    expect(await whyNoEngine()).toBeUndefined();
  });

  test("none: every place is named", async () => {
    const reason = await whyNoEngine();
    expect(reason).toMatch(
      /^no container engine answers: DOCKER_HOST is not set, \/var\/run\/docker\.sock \(/,
    );
    expect(reason).toMatch(`, ${folder}/docker.sock (not there), `);
    expect(reason).toMatch(`, ${folder}/.docker/run/docker.sock (not there), `);
  });
});
