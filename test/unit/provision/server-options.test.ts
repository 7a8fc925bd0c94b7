import { expect, test } from "vitest";
import { checkServerOptions } from "../../../src/provision/server-options.ts";
import type { ServerOptions } from "../../../src/provision/server-request.ts";

test.for([
  {},
  { way: "container", image: "postgres:17" },
  { way: undefined, folder: "/opt/postgres/bin", args: ["-c", "max_connections=500"] },
])("accepts %j", (options) => {
  expect(() => checkServerOptions("postgres(): server", options as ServerOptions)).not.toThrow();
});

test.for([
  ["fast", 'postgres(): server must be an object, got "fast".\nGive e.g. { way: "binary" }.'],
  [[], 'postgres(): server must be an object, got [].\nGive e.g. { way: "binary" }.'],
  [{ wya: "binary" }, "postgres(): server: wya is not an option.\nDid you mean `way`?"],
  [
    { way: "docker" },
    'postgres(): server.way must be one of binary, container, embedded, got "docker".\n' +
      "Leave it out to have them tried in this order.",
  ],
  [
    { image: "" },
    'postgres(): server.image must be the name of a container image, got "".\nGive e.g. "postgres:17".',
  ],
  [
    { folder: 7 },
    "postgres(): server.folder must be the folder of the server's programs, got 7.\n" +
      'Give e.g. "/usr/lib/postgresql/17/bin".',
  ],
  [
    { args: "-c" },
    'postgres(): server.args must be a list of arguments for the server\'s program, got "-c".\n' +
      'Give e.g. ["-c", "max_connections=500"].',
  ],
])("refuses %j", ([options, message]) => {
  expect(() => checkServerOptions("postgres(): server", options as ServerOptions)).toThrow(
    expect.objectContaining({ code: "EXPLORE_USAGE", message }),
  );
});
