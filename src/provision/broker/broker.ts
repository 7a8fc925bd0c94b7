import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { isExploreError } from "../../errors.ts";
import type { BrokerAnswer, BrokerQuestion } from "./broker-message.ts";
import type { Servers } from "../provision.ts";
import { socketPath } from "./socket-path.ts";

/** Answers who asks for a server, from other processes of this user. */
export interface Broker {
  /** Where it listens. */
  readonly address: string;
  /** Stops listening and stops all servers. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on a socket that only this user can use. Keeps no process alive.
 *
 * @param onError - Told why it cannot listen.
 */
export function openBroker(servers: Servers, onError: (error: Error) => void): Broker {
  const address = socketPath();
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket.unref());
    socket.once("close", () => sockets.delete(socket));
    // Whoever asked has gone: there is nobody to tell.
    socket.on("error", () => {});
    converse(socket, servers).catch(() => socket.destroy());
  });
  listener.once("error", onError).listen(address).unref();
  const remove = (): void => rmSync(address, { force: true });
  process.once("exit", remove);
  return {
    address,
    close: async () => {
      process.off("exit", remove);
      listener.close();
      for (const socket of sockets) socket.destroy();
      await servers.stop();
    },
  };
}

async function converse(socket: Socket, servers: Servers): Promise<void> {
  for await (const line of createInterface({ input: socket })) {
    const answer = await answerTo(line, servers);
    if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
  }
}

async function answerTo(line: string, servers: Servers): Promise<BrokerAnswer> {
  try {
    const { request, root } = JSON.parse(line) as BrokerQuestion;
    return { server: await servers.provide(request, root) };
  } catch (error) {
    if (isExploreError(error)) {
      const { code, message, details } = error;
      return { error: { code, message, details } };
    }
    return { error: { code: "EXPLORE_BUG", message: String(error), details: {} } };
  }
}
