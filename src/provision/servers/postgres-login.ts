import { once } from "node:events";
import { connect } from "node:net";
import { HOST } from "../port.ts";
import { SERVER_USER } from "./server-program.ts";

const TIMEOUT_MS = 10_000;

/**
 * Logs in to a PostgreSQL server of ours and runs one statement. No driver: this runs in Vitest's
 * main process, where the user need not have one.
 *
 * @see "Message Formats" in PostgreSQL's manual. The messages are sent without waiting for answers,
 * which is allowed where the password is asked for in clear.
 */
export async function runStatement(
  statement: string,
  { port, password }: { readonly port: number; readonly password: string },
): Promise<void> {
  const socket = connect({ host: HOST, port });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("PostgreSQL does not answer")));
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  socket.write(
    Buffer.concat([
      startup({ user: SERVER_USER, database: "postgres" }),
      message("p", `${password}\0`),
      message("Q", `${statement}\0`),
      message("X", ""),
    ]),
  );
  await once(socket, "close");
  const command = statement.split(" ").slice(0, 2).join(" ");
  // CommandComplete repeats the words of the statement.
  if (!answer.includes(`${command}\0`)) {
    throw new Error(`PostgreSQL refused ${command}: ${answer.replaceAll("\0", " ").trim()}`);
  }
}

const PROTOCOL_3 = 196_608;

function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${text.join("")}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, body]);
}

function message(type: string, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}
