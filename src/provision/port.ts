import { randomInt } from "node:crypto";
import { createServer } from "node:net";

export const HOST = "127.0.0.1";

// Below the range from which systems take ports for outgoing connections (Linux: from 32768), so
// that the port stays free between this check and the start of an app or server, and its restarts.
const FIRST = 20_000;
const LAST = 30_000;
const TRIES = 100;

/** A TCP port on the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found in ${TRIES} tries between ${FIRST} and ${LAST}.`);
}

/** Whether one could listen on the port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
