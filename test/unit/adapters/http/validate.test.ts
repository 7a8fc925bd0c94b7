import { describe, expect, test } from "vitest";
import { http, type HttpOptions } from "../../../../src/adapters/http/index.ts";
import { failureOf } from "../../../support/http/connect.ts";

const refuse = async (options: unknown): Promise<string> => {
  const error = await failureOf(() => http(options as HttpOptions));
  expect(error).toMatchObject({ code: "EXPLORE_USAGE" });
  return error.message;
};

const zero = (): number => 0;

describe("options of http", () => {
  test.for([
    [undefined, "http: options must be an object, got undefined."],
    [{}, "none of url, command and app is given"],
    [{ url: "http://localhost:1", command: "x" }, "url and command are given"],
    [{ comand: "node server.js" }, "http: comand is not an option.\nDid you mean `command`?"],
    [{ command: "x", stopsignal: "SIGINT" }, "Did you mean `stopSignal`?"],
    [{ command: "x", colour: 1 }, "http: colour is not an option.\nThe options are url, command,"],
    [{ url: "localhost:3000" }, "http: url must be an absolute http or https URL"],
    [{ url: "http://localhost:3000/?a=1" }, "without query or hash"],
    [
      { command: "" },
      'http: command must be a command line, or a program with its arguments, got ""',
    ],
    [{ command: [] }, "http: command must be"],
    [{ command: ["node", 3] }, 'got ["node",3]'],
    [{ command: "x", ready: "health" }, 'got "health"'],
    [{ command: "x", ready: { path: "/", stats: 200 } }, "http: ready must be a path"],
    [{ command: "x", env: { PORT: 3000 } }, "http: env must be an object of strings"],
    [{ command: "x", port: 0 }, "http: port must be a port from 1 to 65535, got 0"],
    [{ command: "x", readyTimeoutMs: -1 }, "http: readyTimeoutMs must be a number of milliseconds"],
    [{ command: "x", readyTimeoutMs: Infinity }, "http: readyTimeoutMs must be"],
    [{ command: "x", requestTimeoutMs: "5s" }, 'got "5s"'],
    [{ command: "x", stopSignal: "TERM" }, 'http: stopSignal must be a signal such as "SIGTERM"'],
    [{ command: "x", headers: { a: {} } }, "http: headers must be an object of strings"],
    [{ command: "x", watch: "src" }, "http: watch must be a list of files and folders, without"],
    [{ command: "x", watch: ["src/**/*.js"] }, 'such as ["server.py", "src"]'],
    [{ url: "http://localhost:3000", watch: ["src"] }, "http: watch has no meaning beside url"],
    [{ command: "x", reset: "/reset" }, "http: reset must be a function"],
    [{ app: 5 }, "http: app must be a handler or a function that makes one, got 5"],
    [{ app: zero, kind: "express" }, 'http: kind must be "node" or "fetch", got "express"'],
    [{ url: "http://localhost:1", env: {} }, "http: env has no meaning beside url"],
    [{ app: zero, ready: "/health" }, "It belongs to an app given by command or url."],
  ] as const)("refuses %j", async ([options, text]) => {
    expect(await refuse(options)).toContain(text);
  });

  test("leaves options that are undefined out", () => {
    const options = { command: "x", url: undefined, stopSignal: undefined };
    expect(() => http(options as unknown as HttpOptions)).not.toThrow();
  });

  test("is exclusive when all worlds would share the app", () => {
    expect(http({ url: "http://127.0.0.1:1/api" })).toMatchObject({
      kind: "http",
      stage: "app",
      exclusive: true,
    });
    expect(http({ command: "x" }).exclusive).toBe(false);
    expect(http({ app: () => () => new Response() }).exclusive).toBe(false);
  });
});
