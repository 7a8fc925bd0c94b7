import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * What happens to one command. `refuse`: the server gets another that it does not know. `lose`: the
 * connection ends before the command arrives. `lose answer`: it ends after it.
 */
export type Fault = "refuse" | "lose" | "lose answer";

/** Stands between clients and a server, and passes everything on, but for one fault. */
export interface FaultyProxy {
  readonly port: number;
  /** Has the fault happen at the n-th command from now on, counted from 1. */
  readonly failAt: (n: number, fault: Fault) => void;
  /** Whether it has happened. */
  readonly hasFailed: () => boolean;
}

const UNKNOWN = Buffer.from("*1\r\n$16\r\nEXPLORE_INJECTED\r\n");

export async function startFaultyProxy(serverPort: number): Promise<FaultyProxy> {
  let left = Infinity;
  let fault: Fault = "refuse";
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(serverPort, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
        sockets.delete(socket);
      });
    }
    server.pipe(client);
    let buffer = Buffer.alloc(0);
    client.on("data", (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (let end = endOfCommand(buffer); end !== undefined; end = endOfCommand(buffer)) {
        const command = buffer.subarray(0, end);
        buffer = buffer.subarray(end);
        left -= 1;
        if (left !== 0) server.write(command);
        else if (fault === "refuse") server.write(UNKNOWN);
        else if (fault === "lose") return void client.destroy();
        else {
          server.unpipe(client);
          server.once("data", () => client.destroy());
          server.resume();
          server.write(command);
          return;
        }
      }
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    failAt: (n, what) => {
      left = n;
      fault = what;
    },
    hasFailed: () => left <= 0,
  };
}

/** Where the first command in the bytes ends; `undefined` when it is not all there. */
function endOfCommand(bytes: Buffer): number | undefined {
  const header = lineAt(bytes, 0);
  if (header === undefined) return undefined;
  let { end } = header;
  for (let part = Number(header.text.slice(1)); part > 0; part -= 1) {
    const length = lineAt(bytes, end);
    if (length === undefined) return undefined;
    end = length.end + Number(length.text.slice(1)) + 2;
    if (end > bytes.length) return undefined;
  }
  return end;
}

function lineAt(
  bytes: Buffer,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  const at = bytes.indexOf("\r\n", start);
  return at < 0 ? undefined : { text: bytes.toString("latin1", start, at), end: at + 2 };
}
