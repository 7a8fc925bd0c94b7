import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";

/** What the engine answers: a status and a body. A string is sent as it is, anything else as JSON. */
export type Answer = readonly [status: number, body: unknown];

/** Answers by method and beginning of the path, e.g. `POST /images/create`. The first that fits. */
export type Answers = Readonly<Record<string, Answer | "never">>;

/** A request as the engine got it. */
export interface EngineRequest {
  /** e.g. `DELETE /containers/1?force=true` */
  readonly line: string;
  readonly body: string;
}

/**
 * Speaks as much of the engine's protocol as a test needs, on a socket that `DOCKER_HOST` names. It
 * stands for engines in states that a real one cannot be put in.
 */
export async function startFakeEngine(folder: string, answers: Answers): Promise<EngineRequest[]> {
  const requests: EngineRequest[] = [];
  const engine = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push({ line, body: await readAll(request) });
    const found = [...Object.entries(answers), ...Object.entries(HEALTHY)].find(([key]) =>
      line.startsWith(key),
    );
    const answer = found?.[1] ?? ([501, { message: `${line} is not expected` }] as const);
    if (answer === "never") return;
    const [status, body] = answer;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  const socket = join(folder, "engine.sock");
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  onTestFinished(() => {
    engine.closeAllConnections();
    engine.close();
  });
  vi.stubEnv("DOCKER_HOST", `unix://${socket}`);
  return requests;
}

const HEALTHY: Answers = {
  "GET /_ping": [200, "OK"],
  "GET /info": [200, { OperatingSystem: "a fake", ServerVersion: "1" }],
  "GET /containers/json": [200, []],
};

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
