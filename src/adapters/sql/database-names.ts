import { createHash, randomBytes } from "node:crypto";
import type { Liveness } from "../../provision/ownership/owner.ts";
import { livenessOf, ownIdentity, readIdentity } from "../../provision/ownership/owner.ts";
import { KEEP_ELSEWHERE_MS } from "../../provision/ownership/processes.ts";

/** Databases of ours begin with it. */
export const PREFIX = "explore_";
const TEMPLATE_PREFIX = `${PREFIX}template_`;

/** Stands for no template in the names of databases that were not copied from one. */
const NO_TEMPLATE = "0";

/**
 * Makes a name that tells its owner, so that a later run drops it when this process was killed.
 *
 * @param template - The template of a set-up that it is a copy of.
 */
export function newName(template?: string): string {
  const { pid, place, start } = ownIdentity();
  const seconds = Math.floor(Date.now() / 1000).toString(36);
  const tag = template === undefined ? NO_TEMPLATE : tagOf(template);
  return `${PREFIX}${pid}_${place}_${start}_${seconds}_${tag}_${randomBytes(3).toString("hex")}`;
}

/** Names the template of a set-up. */
export function templateName(key: string): string {
  return `${TEMPLATE_PREFIX}${createHash("sha256").update(key).digest("hex").slice(0, 20)}`;
}

/** Whether a database is a set-up that others are copied from. */
export function isTemplate(name: string): boolean {
  return name.startsWith(TEMPLATE_PREFIX);
}

/** Whether a database is a copy of a template. */
export function isCopyOf(name: string, template: string): boolean {
  return !isTemplate(name) && name.includes(`_${tagOf(template)}_`);
}

function tagOf(template: string): string {
  return template.slice(TEMPLATE_PREFIX.length, TEMPLATE_PREFIX.length + 8);
}

/** Whether the run that made a database was killed. One on another machine is given a day. */
export function isLeft(name: string): boolean {
  const [, pid, place, start, seconds = ""] =
    /^explore_(\d+)_([0-9a-f]+)_([0-9a-f]+)_([0-9a-z]+)_/.exec(name) ?? [];
  const owner = readIdentity({ pid: Number(pid), place, start });
  if (owner === undefined) return false;
  const liveness: Liveness = livenessOf(owner);
  if (liveness !== "elsewhere") return liveness === "dead";
  return Date.now() - Number.parseInt(seconds, 36) * 1000 > KEEP_ELSEWHERE_MS;
}
