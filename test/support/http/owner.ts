// A process to be killed: starts the shop through a shell as a world would, and says what it started.
import { http } from "../../../src/adapters/http/index.ts";
import { provideNothing } from "../provision/nothing.ts";

const root = import.meta.dirname;
const { handle } = await http({
  command: "sh parent.sh",
  env: { NODE: process.execPath },
  ready: "/health",
}).connect({
  name: "api",
  slot: "owner",
  directory: root,
  root,
  handles: {},
  provide: provideNothing,
});
const { body } = await handle.get("/greeting");
console.log(JSON.stringify([body["pid"], Number(/grandchild (\d+)/.exec(handle.log)?.[1])]));
setInterval(() => {}, 1000);
