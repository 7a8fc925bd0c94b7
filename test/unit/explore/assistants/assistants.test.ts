import { describe, expect, test } from "vitest";
import type { Assistant } from "../../../../src/explore/assistants/errand.ts";
import type { Action, Recording, Subject } from "../../../../src/explore/model.ts";
import type { StepFacts } from "../../../../src/explore/oracles/oracle.ts";
import { STRATEGIES } from "../../../../src/explore/strategies/index.ts";
import { type Manner, type ToyAssistant, toyAssistant } from "../../../support/toy-assistants.ts";
import { createToy, type ToyArgs, type ToyMark } from "../../../support/toy-graph.ts";
import { runToy, toyOptions, type Told, type ToyOptions } from "../../../support/toy-run.ts";

/** Numbers from 0 to 30: on from each by 1 and by 2. Counts the runs. */
function counting(onRun: () => void): readonly Action<ToyArgs>[] {
  return [1, 2].map((by) => ({
    name: `by ${by}`,
    enabled: ({ state }) => state + by <= 30,
    run: (world) => {
      onRun();
      world.state += by;
    },
  }));
}

type Options = Omit<ToyOptions<ToyArgs, ToyMark>, "subject" | "actions">;

interface Assisted extends Told {
  /** How often the search itself has run an action. */
  readonly ownRuns: number;
  readonly assistants: readonly ToyAssistant[];
}

async function assisted(manners: readonly Manner[], options: Options = {}): Promise<Assisted> {
  let ownRuns = 0;
  const shared = { budget: { depth: 30 }, ...options };
  const assistants = manners.map((manner) => {
    const { subject } = createToy("tree");
    return toyAssistant(toyOptions({ ...shared, subject, actions: counting(() => {}) }), manner);
  });
  // All are there before the search begins.
  for (const { coming } of assistants) await coming;
  const told = await runToy({
    ...shared,
    subject: createToy("tree").subject,
    actions: counting(() => (ownRuns += 1)),
    assistants: assistants.map(({ coming }) => coming),
  });
  return { ...told, ownRuns, assistants };
}

describe("what passes", () => {
  test.for(Object.entries(STRATEGIES))("is run by assistants alone, %s", async ([, strategy]) => {
    const { summary, ownRuns, assistants } = await assisted([{}, {}], { strategy });

    expect(summary).toMatchObject({ outcome: "exhausted", states: 31, transitions: 59 });
    expect(ownRuns).toBe(0);
    for (const { passed } of assistants) expect(passed()).toBeGreaterThan(0);
  });

  test("takes as long as it took there", async () => {
    const { finished } = await assisted([{}]);

    for (const { attempts, durationMs } of finished) {
      expect(durationMs).toBeGreaterThanOrEqual(attempts[0]?.durationMs ?? NaN);
    }
  });

  test("is told again with what was heard", async () => {
    const { subject } = createToy("tree");
    const actions = counting(() => {});
    const retold: unknown[] = [];
    const { coming } = toyAssistant(toyOptions({ subject, actions, budget: { depth: 1 } }));
    const telling = coming.then((assistant): Assistant => ({
      ...assistant,
      run: async (errand) => {
        const passed = await assistant.run(errand);
        return passed && { ...passed, told: `heard of ${errand.action}` };
      },
    }));
    await telling;

    await runToy({
      subject: createToy("tree").subject,
      actions,
      budget: { depth: 1 },
      assistants: [telling],
      retell: (branch, told) => void retold.push([branch, told]),
    });

    expect(retold).toEqual([
      ["by 1", "heard of 0"],
      ["by 2", "heard of 1"],
    ]);
  });
});

test("breadth first, nothing is run twice", async () => {
  const { assistants } = await assisted([{}, {}]);

  expect(assistants.reduce((sum, { errands }) => sum + errands(), 0)).toBe(59);
});

// A random walk finds shorter paths to states that it has been in.
test("a branch is run by the path that it is reported by", async () => {
  const options = { actions: counting(() => {}), budget: { depth: 30 } };
  const { coming } = toyAssistant(toyOptions({ ...options, subject: createToy("tree").subject }));
  const telling = coming.then((assistant): Assistant => ({
    ...assistant,
    run: async (errand) => {
      const passed = await assistant.run(errand);
      return passed && { ...passed, told: errand.way.length + 1 };
    },
  }));
  await telling;
  const retold: unknown[][] = [];

  await runToy({
    ...options,
    subject: createToy("tree").subject,
    strategy: STRATEGIES.randomWalk,
    assistants: [telling],
    retell: (branch, steps) => void retold.push([branch.split(" → ").length, steps]),
  });

  expect(retold).toHaveLength(59);
  for (const [expected, steps] of retold) expect(steps).toBe(expected);
});

describe("the search goes on alone", () => {
  test("when an assistant dies", async () => {
    const { summary, ownRuns } = await assisted([{ dies: 5 }]);

    expect(summary).toMatchObject({ outcome: "exhausted", states: 31, transitions: 59 });
    expect(ownRuns - summary.replayedSteps).toBe(59 - 5);
  });

  test("when one falls asleep", async () => {
    const { summary, ownRuns, assistants } = await assisted([{ sleeps: 5 }], {
      budget: { depth: 30, stepTimeoutMs: 1 },
    });

    expect(summary).toMatchObject({ outcome: "exhausted", states: 31, transitions: 59 });
    expect(ownRuns - summary.replayedSteps).toBe(59 - 5);
    // Those that it had when it was waited for in vain; nobody gave it more.
    expect(assistants[0]?.errands()).toBe(7);
  });

  test("when one does not come, or comes from elsewhere", async () => {
    const elsewhere = createToy("tree", 3).subject;
    const actions = counting(() => {});
    const { coming } = toyAssistant(toyOptions({ subject: elsewhere, actions }));
    await coming;
    const missing = Promise.reject<Assistant>(new Error("not today"));

    const { summary } = await runToy({
      subject: createToy("tree").subject,
      actions,
      assistants: [missing, coming],
    });

    expect(summary).toMatchObject({ outcome: "exhausted", depth: 5 });
  });
});

// Fails the first call of an assistant's subject, then the second, until there are fewer calls.
test("a failure in an assistant's world at any call changes nothing that is told", async () => {
  const actions = counting(() => {});
  const budget = { depth: 4 };
  const alone = await runToy({ subject: createToy("tree").subject, actions, budget });
  let n = 1;
  for (; ; n += 1) {
    const { subject, calls } = failing(createToy("tree").subject, n);
    const assistant = toyAssistant(toyOptions({ subject, actions, budget }));
    await Promise.allSettled([assistant.coming]);
    const own = { subject: createToy("tree").subject, actions, budget };
    const { order, summary } = await runToy({ ...own, assistants: [assistant.coming] });

    expect(order).toEqual(alone.order);
    expect(summary.outcome).toBe("exhausted");
    // What closing throws is of no interest.
    await assistant.close().catch(() => undefined);
    if (calls() < n) break;
  }
  expect(n).toBeGreaterThan(50);
});

function failing(
  subject: Subject<ToyArgs, ToyMark>,
  n: number,
): { readonly subject: Subject<ToyArgs, ToyMark>; readonly calls: () => number } {
  let calls = 0;
  const call = <T>(run: () => T): T => {
    calls += 1;
    if (calls === n) throw new Error(`injected at call ${n}`);
    return run();
  };
  return {
    calls: () => calls,
    subject: {
      history: subject.history,
      checkpoint: () => call(subject.checkpoint),
      rollback: (to) => call(() => subject.rollback(to)),
      release: (mark) => call(() => subject.release(mark)),
      fingerprint: () => call(subject.fingerprint),
      args: (step) => call(() => subject.args(step)),
    },
  };
}

test("an assistant keeps checkpoints only of states that something starts from", async () => {
  const toy = createToy("tree");
  const actions = counting(() => {});
  const budget = { depth: 30 };
  const assistant = toyAssistant(toyOptions({ subject: toy.subject, actions, budget }));
  await assistant.coming;

  await runToy({
    subject: createToy("tree").subject,
    actions,
    budget,
    assistants: [assistant.coming],
  });
  await assistant.close();

  expect(toy.live()).toBe(1);
  expect(toy.mostLive()).toBeLessThan(8);
});

test("an assistant stops with the exploration's end, whatever is left", async () => {
  const { summary, assistants } = await assisted([{}, {}], {
    budget: { depth: 30, maxTransitions: 3 },
  });

  expect(summary).toMatchObject({ outcome: "budget", endedBy: "maxTransitions", transitions: 3 });
  const errands = assistants.map((each) => each.errands());
  for (const assistant of assistants) await assistant.close();
  expect(assistants.map((each) => each.errands())).toEqual(errands);
});

/** An app of which every step sends the same PUT, and changes something. */
function putting(): ToyOptions<ToyArgs, ToyMark>["subject"] {
  const toy = createToy("tree");
  let before = 0;
  const facts = (): StepFacts => ({
    exchanges: [{ method: "PUT", target: "/", status: 200, request: "PUT /" }],
    changes: () =>
      toy.world.state === before
        ? []
        : [{ system: "db", collection: "log", added: 1, removed: 0, changed: 0 }],
  });
  const record = (): Recording => ({
    begin: () => (before = toy.world.state),
    acted: () => {},
    facts,
    text: (text) => text,
    end: async ({ number, action }) => ({ number, action, exchanges: [], output: [] }),
  });
  return { ...toy.subject, record };
}

// What was sent in the step before is known to the search alone, which has to look itself.
test("a repetition is judged across assistants", async () => {
  const options = {
    actions: counting(() => {}).slice(0, 1),
    budget: { depth: 3 },
    oracles: { switches: { repeatsChangeNothing: true }, ignoreTables: [] },
  };
  const assistants = [1, 2].map(() => toyAssistant(toyOptions({ ...options, subject: putting() })));
  for (const { coming } of assistants) await coming;
  const coming = assistants.map((each) => each.coming);

  const alone = await runToy({ ...options, subject: putting() });
  const { order } = await runToy({ ...options, subject: putting(), assistants: coming });

  expect(alone.order).toEqual(["by 1", "x by 1 → by 1"]);
  expect(order).toEqual(alone.order);
});
