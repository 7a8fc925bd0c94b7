import { ExploreError } from "../../errors.ts";
import { isCopyOf, isTemplate } from "./database-names.ts";

/** A server on which set-ups are kept as databases to copy. */
export interface TemplateServer {
  /** Names of databases of ours, whoever made them. Oldest first where the server tells. */
  readonly list: () => Promise<readonly string[]>;
  readonly drop: (database: string) => Promise<void>;
  /** Takes the lock of a template; answers at once whether nobody else has it. */
  readonly tryLock: (template: string) => Promise<boolean>;
  readonly unlock: (template: string) => Promise<void>;
  /** Tells the errors of what the user may not do. */
  readonly isForbidden: (error: unknown) => boolean;
}

/** How much longer than a migration somebody else's set-up is waited for, in milliseconds. */
export const LOCK_MARGIN_MS = 60_000;

/** Set-ups that stay on a server of ours after their last copy was dropped. */
const KEPT_TEMPLATES = 8;

/**
 * Drops templates that no copy is left of.
 *
 * @param isOurServer - Then some stay, the last of the list: the next run may want them.
 */
export async function dropTemplates(server: TemplateServer, isOurServer: boolean): Promise<void> {
  const names = await server.list();
  const unused = names.filter((name) => isTemplate(name) && !hasCopy(names, name));
  const keep = isOurServer ? KEPT_TEMPLATES : 0;
  for (const template of unused.slice(0, Math.max(unused.length - keep, 0))) {
    // Who holds it is about to make a copy.
    if (!(await server.tryLock(template))) continue;
    try {
      if (!hasCopy(await server.list(), template)) await server.drop(template);
    } catch (error) {
      // Another user's.
      if (!server.isForbidden(error)) throw error;
    } finally {
      await server.unlock(template);
    }
  }
}

function hasCopy(names: readonly string[], template: string): boolean {
  return names.some((name) => isCopyOf(name, template));
}

/** Refuses to wait any longer for somebody else's set-up. */
export function setUpLocked(
  system: string,
  template: string,
  { waitedMs, cause }: { readonly waitedMs: number; readonly cause?: unknown },
): ExploreError {
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: another worker has been setting the same database up for ${waitedMs} ms.\n` +
      "See what its migration waits for, or raise `migrateTimeoutMs`.",
    { cause, details: { system, template, waitedMs } },
  );
}
