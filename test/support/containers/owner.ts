/** Starts a container, prints its URL and waits to be killed. */
import { container } from "../../../src/provision/ways/container.ts";

const image = process.env["EXPLORE_REDIS_IMAGE"];
const server = await container.start(
  { kind: "redis", options: image === undefined ? {} : { image } },
  { root: import.meta.dirname, say: () => {} },
);
console.log(server.url);
setInterval(() => {}, 1000);
