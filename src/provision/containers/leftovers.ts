import { hostname } from "node:os";
import type { ContainerRuntimeClient } from "testcontainers";
import { livenessOf, ownIdentity, readIdentity } from "../ownership/owner.ts";
import { KEEP_ELSEWHERE_MS } from "../ownership/processes.ts";

const OWNER_LABEL = "vitest-explore.owner";

/** By these a later run recognises the containers of this one. */
export function ownerLabels(): Readonly<Record<string, string>> {
  return { [OWNER_LABEL]: JSON.stringify({ ...ownIdentity(), machine: hostname() }) };
}

/**
 * Removes the containers of runs that were killed before they could. Ryuk does it too, sooner, but
 * it may be disabled or unavailable. An engine may serve several machines: what belongs to a process
 * that cannot be looked at is left alone while it runs.
 */
export async function removeLeftovers(
  engine: ContainerRuntimeClient["container"]["dockerode"],
): Promise<void> {
  const listed = await engine.listContainers({
    all: true,
    filters: { label: [OWNER_LABEL] },
  });
  for (const { Id, Labels, State, Created } of listed) {
    const owner = livenessOfOwner(Labels[OWNER_LABEL]);
    const forgotten = State !== "running" && Date.now() - Created * 1000 > KEEP_ELSEWHERE_MS;
    if (owner === "dead" || (owner === "elsewhere" && forgotten)) {
      await removeContainer(engine.getContainer(Id));
    }
  }
}

/** Ends a container and removes it with all that belongs to it; harmless when it is gone. */
export async function removeContainer(container: {
  readonly remove: (options: { force: boolean; v: boolean }) => Promise<unknown>;
}): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    // 404: gone. 409: somebody else is removing it.
    const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
    if (status !== 404 && status !== 409) throw error;
  }
}

function livenessOfOwner(label: string | undefined): "alive" | "dead" | "elsewhere" {
  const owner = parse(label ?? "");
  const identity = readIdentity(owner);
  // Outside of Linux a process is told by its number and start only, and another machine has those too.
  const isHere = Object(owner).machine === hostname();
  return identity === undefined || !isHere ? "elsewhere" : livenessOf(identity);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
