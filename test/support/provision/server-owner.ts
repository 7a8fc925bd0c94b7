// A process to be killed: starts servers and says where they are. Arguments: their kinds.
import { createServers } from "../../../src/provision/provision.ts";
import type { ServerKind } from "../../../src/provision/server-request.ts";

const servers = createServers();
const kinds = process.argv.slice(2) as ServerKind[];
const started = await Promise.all(
  kinds.map((kind) => servers.provide({ kind, options: { way: "binary" } }, process.cwd())),
);
console.log(JSON.stringify(started.map(({ url }) => url)));
setInterval(() => {}, 1000);
