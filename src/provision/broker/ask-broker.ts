import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { ExploreError } from "../../errors.ts";
import type { BrokerAnswer, BrokerQuestion } from "./broker-message.ts";
import type { ProvidedServer } from "../server-request.ts";

/**
 * Asks the broker of another process for a server.
 *
 * @param address - Where the broker listens.
 * @throws ExploreError `EXPLORE_NO_SERVER` when there is none, or nobody answers.
 */
export async function askBroker(
  address: string,
  question: BrokerQuestion,
): Promise<ProvidedServer> {
  const socket = connect(address);
  try {
    await once(socket, "connect");
    socket.write(`${JSON.stringify(question)}\n`);
    for await (const line of createInterface({ input: socket })) {
      return read(JSON.parse(line) as BrokerAnswer);
    }
    throw new Error("it has ended");
  } catch (cause) {
    if (cause instanceof ExploreError) throw cause;
    throw noAnswer(question, cause);
  } finally {
    socket.destroy();
  }
}

function read(answer: BrokerAnswer): ProvidedServer {
  if ("server" in answer) return answer.server;
  const { code, message, details } = answer.error;
  throw new ExploreError(code, message, { details });
}

function noAnswer({ request }: BrokerQuestion, cause: unknown): ExploreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExploreError(
    "EXPLORE_NO_SERVER",
    `No ${request.kind} server: Vitest's main process, which starts servers, does not answer (${reason}).\n` +
      "Start Vitest again, or give the URL of a running server as `url`.",
    { cause, details: { ...request } },
  );
}
