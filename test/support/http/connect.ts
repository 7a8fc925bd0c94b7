import { provideNothing } from "../provision/nothing.ts";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Adapter, Checkpoint, ConnectedSystem } from "../../../src/adapters/adapter.ts";
import { http, type HttpClient, type HttpOptions } from "../../../src/adapters/http/index.ts";
import { identify } from "../../../src/provision/ownership/owner.ts";

/** The folder of the small apps. */
export const APPS = fileURLToPath(new URL(".", import.meta.url));

/** The shop as a process. */
export const SHOP = { command: [process.execPath, "shop.mjs"], ready: "/health" } as const;

/** Connects and opens a system as a world would, and closes it when the test has ended. */
export async function connectHttp(
  options: HttpOptions,
  handles: Readonly<Record<string, unknown>> = {},
): Promise<ConnectedSystem<HttpClient>> {
  const connected = await http(options).connect({
    name: "api",
    slot: "test",
    directory: APPS,
    root: APPS,
    handles,
    provide: provideNothing,
  });
  onTestFinished(() => connected.adapter[Symbol.asyncDispose]());
  await connected.adapter.open();
  return connected;
}

/** What was thrown; fails when nothing was. */
export async function failureOf(run: () => unknown): Promise<Error & { readonly code?: unknown }> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("It was expected to throw, and did not.");
}

/** A message without what differs from run to run. */
export function stable(message: string): string {
  return message
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
    .replaceAll(/port \d+/g, "port <port>")
    .replaceAll(/after \d+ ms/g, "after <n> ms")
    .replaceAll(process.execPath, "node")
    .replaceAll(APPS.slice(0, -1), "<apps>");
}

/** Whether a process still runs; one that only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  return identify(pid) !== undefined;
}

/** Goes back as a world does. */
export async function goBack(adapter: Adapter, to: Checkpoint): Promise<void> {
  await adapter.settle();
  await adapter.rollback(to);
}
