import { expect, test } from "vitest";
import { inputsOf } from "../../../../src/adapters/http/inputs.ts";

test.for([
  ["node server.js", ["server.js"]],
  ["python3 -u ./app/main.py --port {port}", ["app/main.py"]],
  [
    ["node", "--import", "./hooks.mjs", "src/server.ts"],
    ["hooks.mjs", "src/server.ts"],
  ],
  ["npm start", []],
  ["/usr/bin/app.bin http://localhost/a.js --file=x.js", []],
] as const)("the files that %j names", ([command, paths]) => {
  expect(inputsOf({ command })).toEqual({ paths, complete: false });
});

test("are looked for where the command is run", () => {
  expect(inputsOf({ command: "node server.js", cwd: "shop" }).paths).toEqual(["shop/server.js"]);
});

test("what `watch` names is all there is, and relative to the project", () => {
  expect(inputsOf({ command: "node server.js", cwd: "shop", watch: ["shop"] })).toEqual({
    paths: ["shop", "shop/server.js"],
    complete: true,
  });
});

test("an app in the test's process is made of modules", () => {
  expect(inputsOf({ app: () => {} })).toEqual({ paths: [], complete: true });
});
