import type { PathStep } from "../trace/path-codec.ts";
import { isPromise } from "./awaitable.ts";
import { actionAt } from "./branch.ts";
import type { Checks } from "./check.ts";
import { createJudge, type OracleOptions } from "./judge.ts";
import { failureOf, replayDiverged, tellState } from "./failures.ts";
import type { Edge } from "./frontier.ts";
import { next, type State } from "./graph.ts";
import { inputAt } from "./inputs.ts";
import type { Action, Awaitable, Input, Present, Recording } from "./model.ts";
import type { Branch, Failure } from "./records.ts";
import type { Sent } from "./sent.ts";
import type { Steps } from "./steps.ts";
import type { Travel } from "./travel.ts";

/** What is about to be run, in the state it starts from. */
export interface BranchPlan {
  readonly branch: Branch;
  readonly from: State;
  /** `undefined`: only the invariants are evaluated. */
  readonly action: PathStep | undefined;
  readonly thrown?: Edge["thrown"];
  /** Run the hooks of a branch around it. */
  readonly hooked: boolean;
  /** Replay a failure before it is believed. */
  readonly confirmed: boolean;
}

/** How one run of a branch ended. */
export interface Ended {
  readonly failure: Failure | undefined;
  /** The state it ended in, when it got so far. */
  readonly fingerprint: string | undefined;
}

/** What an attempt needs. */
export interface AttemptOptions<Args> {
  readonly subject: Present<Args>;
  readonly actions: readonly Action<Args>[];
  readonly root: State;
  readonly steps: Steps<Args>;
  readonly checks: Pick<Checks, "run">;
  readonly travel: Travel;
  readonly oracles: OracleOptions | undefined;
  /** What the steps before have sent; nothing when absent. */
  readonly sent?: Sent;
  readonly beforeBranch: ((args: Args) => unknown) | undefined;
  readonly afterBranch: ((args: Args) => unknown) | undefined;
}

/** A run of a branch among others of it. */
export interface Run {
  /** It is not the first. */
  readonly isRepeated: boolean;
  /** Records the branch's last step, up to its `end`. */
  readonly recording: Recording | undefined;
}

/** Runs a branch once. */
export type RunOnce = (plan: BranchPlan, run: Run) => Promise<Ended>;

/** Returns the function that runs a branch once: hooks, action, fingerprint, invariants. */
export function attempter<Args>(options: AttemptOptions<Args>): RunOnce {
  const { actions, checks, travel } = options;
  const call = caller(options.steps);
  const judge = judger(options);
  const look = looker(options);

  /** Asks an `enabled` again that threw when the edge was found. */
  async function ask(plan: BranchPlan, isRepeated: boolean): Promise<Failure | undefined> {
    if (plan.thrown === undefined || plan.action === undefined) return undefined;
    const first = failureOf(plan.thrown.error);
    if (!isRepeated) return first;
    const { name, enabled } = actionAt(actions, plan.action);
    let answer: unknown;
    const failure = await call(plan, `enabled of action "${name}"`, async (args) => {
      answer = await enabled?.(args);
    });
    return failure ?? (answer === true ? undefined : first);
  }

  async function act(plan: BranchPlan): Promise<Failure | undefined> {
    if (plan.action === undefined) return undefined;
    const { name, run } = actionAt(actions, plan.action);
    const input = inputAt(actions, plan.action, plan.from);
    return call({ ...plan, input }, `action "${name}"`, run);
  }

  async function step(plan: BranchPlan, recording: Recording | undefined): Promise<Ended> {
    recording?.begin();
    const failure = await act(plan);
    const ended = failure === undefined ? await look(plan) : { failure, fingerprint: undefined };
    const reading = recording?.acted();
    if (isPromise(reading)) await reading;
    const judged = ended.failure === undefined ? judge(plan, recording) : undefined;
    return judged === undefined ? ended : { ...ended, failure: judged };
  }

  return async (plan, { isRepeated, recording }) => {
    const { beforeBranch, afterBranch } = plan.hooked ? options : {};
    const refused = await ask(plan, isRepeated);
    if (refused !== undefined) return { failure: refused, fingerprint: undefined };
    travel.lost();
    let failure = beforeBranch && (await call(plan, "beforeBranch", beforeBranch));
    let fingerprint: string | undefined;
    if (failure === undefined) ({ failure, fingerprint } = await step(plan, recording));
    failure ??= fingerprint === undefined ? undefined : await checks.run(plan.branch);
    const after = afterBranch && (await call(plan, "afterBranch", afterBranch));
    return { failure: failure ?? after, fingerprint };
  };
}

/** Returns the function that judges a step by the rules that nobody wrote. */
function judger<Args>({
  oracles,
  actions,
  sent,
}: AttemptOptions<Args>): (
  plan: BranchPlan,
  recording: Recording | undefined,
) => Failure | undefined {
  if (oracles === undefined) return () => undefined;
  const judge = createJudge(oracles, actions, sent);
  return ({ from, action }, recording) => {
    const facts = recording?.facts();
    return facts === undefined || action === undefined ? undefined : judge({ from, action, facts });
  };
}

type Call<Args> = (
  purpose: Pick<BranchPlan, "branch"> & { readonly input?: Input | undefined },
  what: string,
  run: (args: Args) => Awaitable<unknown>,
) => Promise<Failure | undefined>;

/** Returns the function that turns what one of the user's functions throws into a failure. */
function caller<Args>(steps: Steps<Args>): Call<Args> {
  return async ({ branch, input }, what, run) => {
    try {
      const step = steps.begin({ branch: () => branch.name, replayed: false, input });
      const result = steps.call(step, what, run);
      if (isPromise(result)) await result;
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  };
}

/** Returns the function that names the state reached, and compares it where it is known already. */
function looker<Args>(options: AttemptOptions<Args>): (plan: BranchPlan) => Promise<Ended> {
  const { subject, root } = options;
  return async ({ branch, from, action }) => {
    let fingerprint: string;
    try {
      fingerprint = await subject.fingerprint();
    } catch (error) {
      return { failure: failureOf(error), fingerprint: undefined };
    }
    const known = action === undefined ? root : next(from, action);
    if (known === undefined || known.fingerprint === fingerprint) {
      return { failure: undefined, fingerprint };
    }
    const { steps } = branch;
    const seen = { expected: tellState(known.fingerprint), actual: tellState(fingerprint) };
    const error = replayDiverged({ steps, step: steps.length - 1, ...seen });
    return { failure: { kind: "diverged", error }, fingerprint: undefined };
  };
}
