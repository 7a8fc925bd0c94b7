import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A workflow of GitHub Actions, as far as the examples use it. */
export interface Workflow {
  readonly name: string;
  readonly on: readonly string[];
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly "runs-on": string;
  readonly needs?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly services?: object;
  readonly strategy?: {
    readonly "fail-fast": boolean;
    readonly matrix: Readonly<Record<string, readonly number[]>>;
  };
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly run?: string;
  readonly if?: string;
}

/** The workflows of a page, in order. */
export function workflowsOf(page: string): readonly Workflow[] {
  return [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => parse(text));
}

/** What stands for GitHub. */
export interface Host {
  /** Makes a folder with the project in it. */
  readonly checkout: () => string;
  /** Does what `npm ci` does: empties `node_modules` and installs. */
  readonly install: (folder: string) => void;
  readonly env: NodeJS.ProcessEnv;
  /** A folder for what outlives a job. */
  readonly store: string;
}

/** How a line of a job ended. */
export interface Ran {
  readonly job: string;
  readonly line: string;
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the lines of a workflow in order; what actions of GitHub would do is done by copying folders. */
export async function runWorkflow({ jobs }: Workflow, host: Host): Promise<readonly Ran[]> {
  const ran: Ran[] = [];
  const done = new Set<string>();
  for (const [name, job] of Object.entries(jobs)) {
    if (job.needs !== undefined && !done.has(job.needs)) throw new Error(`${name} comes too early`);
    for (const values of combinations(job)) {
      const title = [name, ...Object.values(values)].join(" ");
      ran.push(...(await runJob(title, filledIn(job, values), host)));
    }
    done.add(name);
  }
  return ran;
}

type Values = Readonly<Record<string, number>>;

function combinations({ strategy }: Job): readonly Values[] {
  const [only, ...others] = Object.entries(strategy?.matrix ?? {});
  if (others.length > 0) throw new Error("only one dimension is known here");
  if (only === undefined) return [{}];
  const [name, values] = only;
  return values.map((value) => ({ [name]: value }));
}

function filledIn(job: Job, values: Values): Job {
  const text = JSON.stringify(job).replaceAll(
    /\$\{\{ matrix\.(\w+) \}\}/g,
    (_, name: string) => `${values[name]}`,
  );
  return JSON.parse(text) as Job;
}

async function runJob(job: string, { steps, env = {} }: Job, host: Host): Promise<readonly Ran[]> {
  let folder = "";
  let isFailed = false;
  const ran: Ran[] = [];
  const atEnd: (() => void)[] = [];
  for (const step of steps) {
    if (isFailed && step.if === undefined) continue;
    if (step.uses?.startsWith("actions/checkout@") === true) folder = host.checkout();
    else if (step.uses !== undefined) atEnd.push(act(step, { folder, store: host.store }));
    else if (step.run === "npm ci") host.install(folder);
    else if (step.run !== undefined) {
      const result = await runLine(step.run, folder, { ...host.env, ...env });
      ran.push({ job, line: step.run, ...result });
      isFailed ||= result.exitCode !== 0;
    }
  }
  for (const end of atEnd) end();
  return ran;
}

/** Does what an action does, and returns what it does at the end of its job. */
function act(
  { uses = "", with: input = {} }: Step,
  { folder, store }: { readonly folder: string; readonly store: string },
): () => void {
  const path = join(folder, String(input["path"] ?? ""));
  switch (uses) {
    case "actions/setup-node@v4":
      return () => {};
    case "actions/cache@v4": {
      const kept = join(store, "cache");
      copy(kept, path);
      return () => copy(path, kept);
    }
    case "actions/upload-artifact@v4":
      if (!existsSync(path)) throw new Error(`there is no ${input["path"]} to upload`);
      copy(path, join(store, "artifacts", String(input["name"])));
      return () => {};
    case "actions/download-artifact@v4": {
      const beginning = String(input["pattern"]).replace(/\*$/, "");
      for (const name of readdirSync(join(store, "artifacts"))) {
        if (name.startsWith(beginning)) copy(join(store, "artifacts", name), path);
      }
      return () => {};
    }
    default:
      throw new Error(`${uses} is not known here`);
  }
}

function copy(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}

function runLine(
  line: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Pick<Ran, "exitCode" | "output">> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", line], { cwd, env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject).on("close", (exitCode) => resolve({ exitCode, output }));
  });
}
