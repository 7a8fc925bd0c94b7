import { describe, expect, test } from "vitest";
import { loadDriver } from "../../../src/adapters/load-driver.ts";

function failing(code: string | undefined, message: string): () => Promise<never> {
  return () =>
    Promise.reject(Object.assign(new Error(message), code === undefined ? {} : { code }));
}

describe("loadDriver", () => {
  test("gives what was loaded", async () => {
    const module = { value: 1 };

    expect(
      await loadDriver({ name: "driver", neededBy: "sqlite", load: () => Promise.resolve(module) }),
    ).toBe(module);
  });

  test("says what to install when the package is missing", async () => {
    const load = failing("ERR_MODULE_NOT_FOUND", "Cannot find package 'driver' imported from x");

    await expect(loadDriver({ name: "driver", neededBy: "sqlite", load })).rejects.toMatchObject({
      code: "EXPLORE_DRIVER_MISSING",
      message:
        "sqlite needs the package driver, which is not installed.\n" +
        "Install it: npm install --save-dev driver",
      cause: { code: "ERR_MODULE_NOT_FOUND" },
    });
  });

  test("says that a package is broken when it cannot be loaded", async () => {
    const load = failing(undefined, "wrong ELF class");

    await expect(loadDriver({ name: "driver", neededBy: "sqlite", load })).rejects.toMatchObject({
      code: "EXPLORE_DRIVER_MISSING",
      message: expect.stringContaining("which is installed but cannot be loaded: wrong ELF class"),
    });
  });

  test("compares versions of Node as numbers", async () => {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const request = { name: "driver", neededBy: "sqlite", load: () => Promise.resolve(1) };

    await expect(loadDriver({ ...request, minNode: `${major}.${minor}` })).resolves.toBe(1);
    await expect(loadDriver({ ...request, minNode: `${major - 1}.${minor + 1}` })).resolves.toBe(1);
    await expect(loadDriver({ ...request, minNode: `${major}.${minor + 1}` })).rejects.toThrow(
      "Run the tests with a newer Node",
    );
  });

  test("does not load a package that this Node is too old for", async () => {
    let loaded = false;
    const load = (): Promise<void> => {
      loaded = true;
      return Promise.resolve();
    };

    await expect(
      loadDriver({ name: "driver", neededBy: "sqlite", minNode: "99.1", load }),
    ).rejects.toMatchObject({
      code: "EXPLORE_DRIVER_MISSING",
      message: `sqlite needs the package driver, which runs on Node 99.1 and newer; this is Node ${process.versions.node}.\nRun the tests with a newer Node.`,
    });
    expect(loaded).toBe(false);
  });
});
