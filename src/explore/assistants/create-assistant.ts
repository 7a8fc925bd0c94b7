import type { PathStep } from "../../trace/path-codec.ts";
import { attempter } from "../attempt.ts";
import { branchOf } from "../branch.ts";
import { createChecks } from "../check.ts";
import { clock } from "../clock.ts";
import type { State } from "../graph.ts";
import { guardSubject } from "../guard-subject.ts";
import { inputAt } from "../inputs.ts";
import type { ExploreOptions } from "../options.ts";
import type { Branch } from "../records.ts";
import { createSent, type Sent } from "../sent.ts";
import { createSteps, type Steps } from "../steps.ts";
import type { Errand, Passed } from "./errand.ts";
import { createGround, type Ground } from "./ground.ts";

/** What an assistant has in common with the search that it assists, and its own world. */
export interface AssistantOptions<Args, Mark> extends Pick<
  ExploreOptions<Args, Mark>,
  | "subject"
  | "actions"
  | "invariants"
  | "budget"
  | "signal"
  | "oracles"
  | "beforeBranch"
  | "afterBranch"
> {
  /** Tell every step. */
  readonly tellAll: boolean;
  /** Called when a transition begins; the function that it returns when it is over. */
  readonly overhear?: () => () => Overheard;
}

/** What the user's functions did beside running a transition. */
export interface Overheard {
  /** See `Passed.told`. */
  readonly told?: unknown;
  /** They have said that the branch has failed, without throwing. */
  readonly hasFailed: boolean;
}

/** An assistant where it works. Does one thing at a time: its caller waits for the end of each. */
export interface WorkingAssistant {
  readonly fingerprint: string;
  /** As `Assistant.run`. */
  readonly run: (errand: Errand) => Promise<Passed | undefined>;
  /** As `Assistant.release`. */
  readonly release: (fingerprint: string) => Promise<void>;
  /** Gives every checkpoint up but that of the initial state. */
  readonly close: () => Promise<void>;
}

const SILENT = (): Overheard => ({ hasFailed: false });

/** Starts in the initial state. */
export async function createAssistant<Args, Mark>(
  options: AssistantOptions<Args, Mark>,
): Promise<WorkingAssistant> {
  const { actions, budget, signal, overhear = () => SILENT } = options;
  const subject = guardSubject(options.subject);
  const steps = createSteps({ subject, signal, stepTimeoutMs: budget.stepTimeoutMs });
  const ground = await createGround({ subject, actions, steps });
  const runTransition = transitionRunner({ ...options, subject }, { steps, ground });

  /** Runs a transition, and asks what is enabled where it ends. */
  async function act(from: State, errand: Errand): Promise<Passed | undefined> {
    const { way, action } = errand;
    if (action === undefined) return undefined;
    const branch = branchOf([...way.map((step) => step.action), action], actions);
    const passed = await runTransition(from, branch, errand);
    if (passed === undefined) return undefined;
    const to = ground.arrive(from, action, passed.fingerprint);
    if (branch.path.length >= budget.depth) return passed;
    const enabled = await ground.enabledIn(to, branch);
    return enabled && { ...passed, enabled };
  }

  async function listeningAct(from: State, errand: Errand): Promise<Passed | undefined> {
    const stop = overhear();
    let heard: Overheard | undefined;
    let passed: Passed | undefined;
    try {
      passed = await act(from, errand);
    } finally {
      heard = stop();
    }
    if (passed === undefined || heard.hasFailed) return undefined;
    return heard.told === undefined ? passed : { ...passed, told: heard.told };
  }

  return {
    fingerprint: ground.root.fingerprint,
    run: async (errand) => {
      const from = await ground.goTo(errand.way);
      if (from === undefined) return undefined;
      if (errand.action !== undefined) return listeningAct(from, errand);
      const path = errand.way.map((step) => step.action);
      const enabled = await ground.enabledIn(from, branchOf(path, actions));
      const { fingerprint } = from;
      return enabled && { fingerprint, enabled, startTimeMs: 0, durationMs: 0, witnesses: [] };
    },
    release: ground.release,
    close: async () => {
      steps.dispose();
      await ground.close();
    },
  };
}

type RunTransition = (from: State, branch: Branch, errand: Errand) => Promise<Passed | undefined>;

/** Returns the function that runs a transition from the state that the subject is in. */
function transitionRunner<Args, Mark>(
  options: AssistantOptions<Args, Mark>,
  { steps, ground }: { readonly steps: Steps<Args>; readonly ground: Ground },
): RunTransition {
  const { subject, actions, invariants, oracles, beforeBranch, afterBranch, tellAll } = options;
  const { root, travel } = ground;
  let arrivedBy: PathStep | undefined;
  // What was sent before is known to the search alone: any repetition may be one of its requests too.
  const sent: Sent = { ...createSent(), isRepeat: (_from, action) => action === arrivedBy };
  let checks = createChecks(invariants, steps);
  const own = {
    root,
    steps,
    travel,
    sent,
    checks: { run: (branch: Branch) => checks.run(branch) },
  };
  const runOnce = attempter({ subject, actions, oracles, beforeBranch, afterBranch, ...own });

  return async (from, branch, { way, action, hooked, witnessed }) => {
    arrivedBy = way.at(-1)?.action;
    checks = createChecks(
      invariants.filter(({ name }) => !witnessed.includes(name)),
      steps,
    );
    const recording = subject.record?.();
    const [startTimeMs, startMs] = [clock.epoch(), clock.now()];
    const plan = { branch, from, action, hooked, confirmed: false };
    const { failure, fingerprint } = await runOnce(plan, { isRepeated: false, recording });
    const durationMs = clock.now() - startMs;
    steps.throwIfAborted();
    if (failure !== undefined || fingerprint === undefined) return undefined;
    const input = action === undefined ? undefined : inputAt(actions, action, from);
    const last = { number: branch.path.length, action: branch.steps.at(-1) ?? "", input };
    const step = tellAll ? await recording?.end(last) : undefined;
    const requests = action === undefined ? undefined : sent.of(from, action);
    const took = { startTimeMs, durationMs, witnesses: [...checks.witnesses.keys()] };
    return { fingerprint, ...took, ...(step && { step }), ...(requests && { requests }) };
  };
}
