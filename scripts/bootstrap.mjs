#!/usr/bin/env node
/**
 * Runs a command with this project's own tools, installing them first when they are missing or no
 * longer what the lock file says:
 *
 *     node scripts/bootstrap.mjs [--with <folder>]… <command> [argument]…
 *
 * `--with` names a further folder with a lock file of its own. Plain JavaScript for Node 20 and
 * without dependencies: it is the first thing that runs in a fresh clone.
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");
const ON_WINDOWS = process.platform === "win32";

/** The oldest Node that can install the project. */
const OLDEST_FOR_INSTALL = [20, 0];
/** The oldest Node that runs the project's TypeScript as it is. */
const OLDEST_FOR_SCRIPTS = [22, 18];

const NPM_CI = [
  "ci",
  // NODE_ENV=production would leave the tools out, an engine-strict setting would refuse Node 20.
  "--include=dev",
  "--no-engine-strict",
  "--no-audit",
  "--no-fund",
  "--no-progress",
  "--loglevel=error",
  "--prefer-offline",
  // npm's defaults wait more than a minute before they say that there is no network.
  "--fetch-retries=2",
  "--fetch-retry-mintimeout=500",
  "--fetch-retry-maxtimeout=2000",
];

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED/;

async function main() {
  const { folders, command } = readArguments(process.argv.slice(2));
  if (!isAtLeast(process.versions.node, OLDEST_FOR_INSTALL)) {
    stop(
      `Node ${process.versions.node} is too old: Node ${OLDEST_FOR_INSTALL[0]} or newer is needed.`,
      "The project brings its own Node 24, but an older one cannot install it.",
    );
  }
  for (const folder of folders) if (!isInstalled(folder)) await install(folder);
  process.exitCode = await run(command, { PATH: pathWithTools() });
}

/** @param {string[]} args */
function readArguments(args) {
  const folders = [ROOT];
  while (args[0] === "--with") {
    folders.push(join(ROOT, args[1] ?? ""));
    args = args.slice(2);
  }
  if (args.length === 0) {
    stop("Usage: node scripts/bootstrap.mjs [--with <folder>]… <command> [argument]…");
  }
  return { folders, command: args };
}

/**
 * Compares the lock file with the record that npm keeps of what it installed. Packages that are
 * there in addition do no harm.
 *
 * @param {string} folder
 */
function isInstalled(folder) {
  const wanted = readLock(join(folder, "package-lock.json"));
  const present = readLock(join(folder, "node_modules", ".package-lock.json"));
  if (wanted === undefined) stop(`${join(folder, "package-lock.json")} cannot be read.`);
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    // Optional packages are left out where they do not fit the platform.
    if (found === undefined) return entry.optional || entry.devOptional || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** @param {string} path */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** @param {string} folder */
async function install(folder) {
  const where = relative(ROOT, folder);
  const startedMs = Date.now();
  process.stdout.write(`Installing packages${where === "" ? "" : ` in ${where}`} (npm ci) …\n`);
  const { code, output } = await npmCi(folder);
  if (code === 0) {
    process.stdout.write(`Installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.\n`);
    return;
  }
  const reason = NO_NETWORK.test(output)
    ? "The package registry cannot be reached. Check the network, the proxy or the registry setting."
    : "Run npm ci yourself to see all it says.";
  stop(`npm ci failed in ${folder} (exit code ${code}):`, ...essence(output), reason);
}

/**
 * The beginning and the end of what npm said: it tells some reasons first and others last.
 *
 * @param {string} output
 */
function essence(output) {
  const lines = output.trimEnd().split("\n");
  const shown = lines.length <= 16 ? lines : [...lines.slice(0, 8), "…", ...lines.slice(-8)];
  return shown.map((line) => `  ${line}`);
}

/**
 * @param {string} cwd
 * @returns {Promise<{ code: number, output: string }>}
 */
function npmCi(cwd) {
  const env = { ...process.env, PATH: pathWithoutTools() };
  // Set by an outer `npm run`; it would point an inner npm at the outer folder.
  delete env.npm_config_local_prefix;
  const child = spawn("npm", NPM_CI, {
    cwd,
    env,
    shell: ON_WINDOWS,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 127, output: `${output}\n${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The tools first, so that `node` is the project's own. */
function pathWithTools() {
  const path = [BIN, pathWithoutTools()].join(delimiter);
  const found = spawnSync("node", ["--version"], { env: { ...process.env, PATH: path } });
  const version = String(found.stdout ?? "").trim();
  if (!isAtLeast(version.slice(1), OLDEST_FOR_SCRIPTS)) {
    stop(
      `The commands of this project need Node ${OLDEST_FOR_SCRIPTS.join(".")} or newer, found ${version || "none"}.`,
      "The package `node` normally brings one; its install script did not run or has no build for",
      `${process.platform}-${process.arch}. Allow npm to run install scripts, or put a newer Node on PATH.`,
    );
  }
  return path;
}

/** While npm replaces `node_modules`, it must not run on the Node inside. */
function pathWithoutTools() {
  const entries = (process.env.PATH ?? "").split(delimiter);
  return entries.filter((entry) => entry !== BIN).join(delimiter);
}

/**
 * @param {string[]} command
 * @param {Record<string, string>} env
 * @returns {Promise<number>} The exit code.
 */
function run([program, ...args], env) {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    shell: ON_WINDOWS,
    stdio: "inherit",
  });
  // Ctrl+C reaches the child too; it decides when to end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    child.on("error", (error) => stop(`Cannot run ${program}: ${error.message}`));
    child.on("close", (code, signal) =>
      resolve(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 0)),
    );
  });
}

/**
 * @param {string} version
 * @param {number[]} oldest
 */
function isAtLeast(version, [oldestMajor, oldestMinor]) {
  const [major, minor] = version.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/**
 * @param {string[]} lines
 * @returns {never}
 */
function stop(...lines) {
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exit(1);
}

await main();
