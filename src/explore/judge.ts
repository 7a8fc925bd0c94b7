import { actionNumber, type PathStep } from "../trace/path-codec.ts";
import { ORACLE_NAMES, ORACLES, type OracleName, type OracleSwitches } from "./oracles/index.ts";
import type { JudgedChange, StepFacts } from "./oracles/oracle.ts";
import type { State } from "./graph.ts";
import type { Action } from "./model.ts";
import type { Failure } from "./records.ts";
import { createSent } from "./sent.ts";

/** Which rules that nobody wrote are judged. */
export interface OracleOptions {
  readonly switches: OracleSwitches;
  /** Tables and other collections whose changes do not count: `audit`, `db.audit`. */
  readonly ignoreTables: readonly string[];
}

/** A step that was run without failing. */
export interface JudgedStep {
  readonly from: State;
  readonly action: PathStep;
  readonly facts: StepFacts;
}

/**
 * Returns the function that judges steps.
 *
 * @param sent - What was sent in the steps before.
 */
export function createJudge(
  { switches, ignoreTables }: OracleOptions,
  actions: readonly Pick<Action<never>, "name" | "oracles">[],
  sent = createSent(),
): (step: JudgedStep) => Failure | undefined {
  const wanted = actions.map(({ oracles }) =>
    ORACLE_NAMES.filter((name) => oracles?.[name] ?? switches[name] ?? ORACLES[name].isDefault),
  );
  const isIgnored = ({ system, collection }: JudgedChange): boolean =>
    ignoreTables.some((name) => name === collection || name === `${system}.${collection}`);

  /** Remembers what a step sent; answers whether the step before has sent the same. */
  function isRepeat({ from, action, facts }: JudgedStep): boolean {
    const requests = JSON.stringify(facts.exchanges.map(({ request }) => request));
    sent.note({ from, action }, requests);
    return sent.isRepeat(from, action, requests);
  }

  return (step) => {
    const number = actionNumber(step.action);
    const names = wanted[number] ?? [];
    if (names.length === 0 || step.facts.exchanges.length === 0) return undefined;
    let changes: readonly JudgedChange[] | undefined;
    const judged = {
      exchanges: step.facts.exchanges,
      changes: () => (changes ??= step.facts.changes().filter((change) => !isIgnored(change))),
      isRepeat: names.includes("repeatsChangeNothing") && isRepeat(step),
    };
    for (const name of names) {
      const problem = ORACLES[name].judge(judged);
      if (problem !== undefined) return failureBy(name, problem, actions[number]?.name ?? "");
    }
    return undefined;
  };
}

function failureBy(name: OracleName, problem: string, action: string): Failure {
  const error = new Error(
    `${problem}.\n` +
      `This is judged without a rule of the spec (${name}). If it is meant to be so, switch it off: ` +
      `\`oracles: { ${name}: false }\`, in the spec or in the action "${action}"` +
      `${name === "noServerErrors" ? "" : "; `ignoreTables` leaves tables out"}.`,
  );
  // Where it was judged tells nobody anything.
  error.stack = `${error.name}: ${problem}`;
  return { kind: "violation", error, invariant: name };
}
