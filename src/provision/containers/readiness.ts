import { connect } from "node:net";
import type { ServerKind } from "../server-request.ts";
import { SERVER_USER } from "../servers/server-program.ts";

/** How long one question may take. */
const ANSWER_LIMIT_MS = 2000;

interface Question {
  /** What a client says first; empty where the server does. */
  readonly opening: Buffer;
  /** Whether a first answer is that of a server which lets clients in. */
  readonly isReady: (answer: Buffer) => boolean;
}

const QUESTIONS: Readonly<Record<ServerKind, Question>> = {
  // An R asks for the password. While it starts, the server answers E.
  postgres: {
    opening: postgresStartup({ user: SERVER_USER, database: "postgres" }),
    isReady: (answer) => answer.toString("latin1", 0, 1) === "R",
  },
  // After the packet's length and number: 10 is the version of the greeting, 255 an error.
  mysql: { opening: Buffer.alloc(0), isReady: (answer) => answer[4] === 10 },
  // While it reads its data it answers -LOADING.
  redis: {
    opening: Buffer.from("PING\r\n"),
    isReady: (answer) => /^(\+PONG|-NOAUTH)/.test(answer.toString("latin1")),
  },
};

/**
 * Whether a server lets clients in, asked in its own protocol and without a password. That a port is
 * open says nothing about a container: the engine opens it, long before the server listens.
 */
export function isReady(kind: ServerKind, to: { host: string; port: number }): Promise<boolean> {
  const question = QUESTIONS[kind];
  return new Promise((resolve) => {
    const socket = connect(to);
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => end(false));
    socket.on("error", () => end(false));
    socket.on("end", () => end(false));
    // All of these answers arrive in one piece.
    socket.on("data", (answer) => end(question.isReady(answer)));
    socket.write(question.opening);
  });
}

/** @see https://www.postgresql.org/docs/current/protocol-message-formats.html "StartupMessage" */
function postgresStartup(parameters: Readonly<Record<string, string>>): Buffer {
  const version = Buffer.from([0, 3, 0, 0]);
  const text = Object.entries(parameters).flat().join("\0");
  const body = Buffer.concat([version, Buffer.from(`${text}\0\0`)]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}
