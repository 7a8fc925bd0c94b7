import type { Exchange } from "../../adapters/adapter.ts";
import { isBytes } from "../identity/knowledge.ts";
import type { JudgedChange, JudgedExchange, StepFacts } from "../oracles/oracle.ts";
import type { Sources, Taken } from "./recording.ts";
import { stepDiff } from "./step-diff.ts";

/** What oracles judge of a step; `undefined` when its changes are not known. */
export function factsOf(
  { before, after, marks, actedAt }: Taken,
  { exchanges }: Pick<Sources, "exchanges">,
): StepFacts | undefined {
  if (after === undefined) return undefined;
  const asked = marks.flatMap(({ system, exchanges: from }, index) => {
    const made = (actedAt[index] ?? from) - from;
    return made === 0 ? [] : (exchanges.get(system)?.since(from) ?? []).slice(0, made);
  });
  return {
    exchanges: asked.map(judgedExchange),
    changes: () =>
      after.flatMap(({ name, diff }): readonly JudgedChange[] => {
        // An app's own difference are the cookies of its clients.
        if (exchanges.has(name)) return [];
        const was = before.find((system) => system.name === name)?.diff ?? [];
        return stepDiff(was, diff).map(({ collection, changes }) => {
          const added = changes.filter((row) => row.before === undefined).length;
          const removed = changes.filter((row) => row.after === undefined).length;
          const changed = changes.length - added - removed;
          return { system: name, collection, added, removed, changed };
        });
      }),
  };
}

function judgedExchange({ method, target, requestBody, response }: Exchange): JudgedExchange {
  const content = requestBody?.content;
  const body = isBytes(content) ? Array.from(content) : content;
  return {
    method,
    target,
    status: response?.status,
    request: JSON.stringify([method, target, body, requestBody?.length]),
  };
}
