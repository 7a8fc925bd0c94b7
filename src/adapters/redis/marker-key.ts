import { command } from "./driver.ts";
import { MARKER } from "./keys.ts";
import { type Connection, runScript, SCRIPTS } from "./scripts.ts";

/** The text of the marker that a connection's database bears; empty when there is none. */
export async function markerAt({ client, system }: Connection): Promise<string> {
  const found = (await command(client, system, ["GET", MARKER])) as Buffer | null;
  return found?.toString() ?? "";
}

/** Replaces the marker if it is `from`, where empty means missing; answers whether it was. */
export async function swapMarker(on: Connection, from: string, to: string): Promise<boolean> {
  const answer = await runScript(on, SCRIPTS.swap, { keys: [MARKER], args: [from, to] });
  return Number(answer) === 1;
}

/** Removes the marker if it is this one. */
export async function removeMarker(on: Connection, marker: string): Promise<void> {
  await runScript(on, SCRIPTS.remove, { keys: [MARKER], args: [marker] });
}
