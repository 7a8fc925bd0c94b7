/**
 * Puts servers in other versions than the machine's, and a browser, into `.work/servers/<name>/bin`,
 * from packages of Debian:
 *
 *     npm run servers:debian -- mysql-9 redis-6 redis-8 chromium
 *
 * Nothing is installed: apt works in a folder of its own, checks the packages by Debian's
 * signatures as always, and each program runs with the libraries of its own suite. Needs no root.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

interface Server {
  readonly suite: string;
  readonly package: string;
  /** Where the packages have the programs. */
  readonly programs: readonly string[];
  /**
   * The suite is the machine's own. `whole`: runs with the libraries of the machine; `loader`: with
   * its loader and C library and all others from the packages, so that it can start itself again.
   */
  readonly native?: "whole" | "loader";
}

const SERVERS: Readonly<Record<string, Server>> = {
  "redis-6": { suite: "bullseye", package: "redis-server", programs: ["usr/bin/redis-server"] },
  "redis-8": { suite: "trixie", package: "redis-server", programs: ["usr/bin/redis-server"] },
  "valkey-8": { suite: "trixie", package: "valkey-server", programs: ["usr/bin/valkey-server"] },
  // For scripts/container-engine.sh.
  docker: {
    suite: ownSuite(),
    package: "docker.io",
    programs: [
      "usr/bin/containerd",
      "usr/bin/containerd-shim-runc-v2",
      "usr/bin/docker",
      "usr/sbin/dockerd",
      "usr/sbin/docker-proxy",
      "usr/sbin/runc",
    ],
    native: "whole",
  },
  // For the tests of the HTML report. Starts itself several times over.
  chromium: {
    suite: ownSuite(),
    package: "chromium-headless-shell",
    programs: ["usr/lib/chromium/chromium-headless-shell"],
    native: "loader",
  },
  // Only there. A suite that moves: what `mysqld --version` says is what was had.
  "mysql-9": { suite: "unstable", package: "mysql-server-core", programs: ["usr/sbin/mysqld"] },
};

const MIRROR = process.env["EXPLORE_DEBIAN_MIRROR"] ?? "http://deb.debian.org/debian";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const FOLDER = join(import.meta.dirname, "..", ".work", "servers");
const STEP_LIMIT_MS = 90_000;
/** What belongs to the loader: the C library and its parts. */
const C_LIBRARY =
  /^(ld-linux.*|lib(c|m|mvec|dl|pthread|rt|resolv|util|anl|nsl|nss_\w+|thread_db|BrokenLocale))\.so\.\d$/;

process.exitCode = main(process.argv.slice(2));

function main(names: readonly string[]): number {
  const unknown = names.filter((name) => !Object.hasOwn(SERVERS, name));
  if (names.length === 0 || unknown.length > 0) {
    const problem = unknown.length > 0 ? `There is no ${unknown.join(", ")} here. ` : "";
    console.error(`${problem}Name one or more of: ${Object.keys(SERVERS).join(", ")}`);
    return 2;
  }
  const failures = names.filter((name) => !provide(name));
  // Of use only for the next server of a suite, and larger than all servers.
  for (const { suite } of Object.values(SERVERS)) {
    rmSync(aptFolder(suite), { recursive: true, force: true });
  }
  return failures.length === 0 ? 0 : 1;
}

/** Prints one line: what is there now, or why it could not be had. */
function provide(name: string): boolean {
  const folder = join(FOLDER, name);
  const server = SERVERS[name];
  try {
    if (server !== undefined && !existsSync(folder)) build(server, folder);
    console.log(`${name.padEnd(9)} ${versionOf(folder)}`);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`${name.padEnd(9)} not had: ${reason}`);
    return false;
  }
}

/** Complete or not at all: another name until the program has run. */
function build(server: Server, folder: string): void {
  const part = `${folder}.part-${process.pid}`;
  try {
    mkdirSync(join(part, "root"), { recursive: true });
    for (const archive of download(server)) run("dpkg-deb", ["-x", archive, join(part, "root")]);
    mkdirSync(join(part, "bin"));
    for (const program of server.programs) {
      if (server.native === "whole") {
        symlinkSync(join("..", "root", program), join(part, "bin", basename(program)));
      } else if (server.native === "loader") writeNativeWrapper(program, part, folder);
      else writeWrapper(program, part, folder);
    }
    renameSync(part, folder);
    versionOf(folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The archives of a package and of all that it needs, as if nothing were installed. */
function download({ suite, package: name }: Server): readonly string[] {
  const apt = aptFolder(suite);
  const archives = join(apt, "cache", "archives");
  mkdirSync(join(apt, "lists", "partial"), { recursive: true });
  rmSync(archives, { recursive: true, force: true });
  mkdirSync(join(archives, "partial"), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "sources"), `deb [signed-by=${KEYRING}] ${MIRROR} ${suite} main\n`);
  writeFileSync(join(apt, "apt.conf"), aptSettings(apt));
  const env = { APT_CONFIG: join(apt, "apt.conf") };
  run("apt-get", ["update", "-qq", "--error-on=any"], env);
  run("apt-get", ["install", "-qq", "--download-only", name], env);
  return readdirSync(archives)
    .filter((file) => file.endsWith(".deb"))
    .map((file) => join(archives, file));
}

function aptFolder(suite: string): string {
  return join(FOLDER, `apt-${suite}`);
}

function aptSettings(apt: string): string {
  const settings = {
    "Dir::Etc::SourceList": join(apt, "sources"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Parts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::State": apt,
    "Dir::State::Lists": join(apt, "lists"),
    "Dir::State::Status": join(apt, "status"),
    "Dir::Cache": join(apt, "cache"),
    "APT::Install-Recommends": "false",
    "APT::Get::Assume-Yes": "true",
    "APT::Get::AllowUnauthenticated": "false",
    // As root, apt would read the private folder as another user.
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "20",
    // The signature counts. That a mirror has stood still matters for updates, not for tests.
    "Acquire::Check-Valid-Until": "false",
    "Debug::NoLocking": "true",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  return `${lines.join("\n")}\n`;
}

/**
 * A script that runs the program with the loader of this machine, the other libraries of its package
 * and the fonts that come with it.
 */
function writeNativeWrapper(program: string, part: string, folder: string): void {
  const root = join(part, "root");
  const libraries = libraryFolders(root);
  // A loader and a C library that were not made together may not fit.
  for (const base of libraries) {
    for (const name of entriesOf(join(root, base), C_LIBRARY)) rmSync(join(root, base, name));
  }
  const at = (path: string): string => join(folder, "root", path);
  const fonts = `<fontconfig><dir>${at("usr/share/fonts")}</dir><cachedir>${at("fonts")}</cachedir></fontconfig>`;
  writeFileSync(join(root, "fonts.conf"), `${fonts}\n`);
  const lines = [
    "#!/bin/sh",
    `export LD_LIBRARY_PATH="${libraries.map(at).join(":")}"`,
    `export FONTCONFIG_FILE="${at("fonts.conf")}"`,
    `exec "${at(program)}" "$@"`,
  ];
  const script = join(part, "bin", basename(program));
  writeFileSync(script, `${lines.join("\n")}\n`, { mode: 0o755 });
}

function libraryFolders(root: string): readonly string[] {
  return ["lib", "usr/lib"].flatMap((base) =>
    entriesOf(join(root, base), /-linux-gnu/).map((name) => join(base, name)),
  );
}

/** A script that runs the program with the loader and the libraries of its suite. */
function writeWrapper(program: string, part: string, folder: string): void {
  const root = join(part, "root");
  const libraries = libraryFolders(root);
  const [loader] = libraries.flatMap((base) =>
    entriesOf(join(root, base), /^ld-linux.*\.so\.\d$/).map((name) => join(base, name)),
  );
  if (loader === undefined) throw new Error("the packages contain no loader of programs");
  const at = (path: string): string => join(folder, "root", path);
  // MySQL finds its files by its own name; the loader can hand it on since glibc 2.33.
  const help = spawnSync(join(root, loader), ["--help"], { encoding: "utf8" });
  const knowsName = help.stdout.includes("--argv0");
  const command = [
    `exec "${at(loader)}" --library-path "${libraries.map(at).join(":")}"`,
    ...(knowsName ? [`--argv0 "${at(program)}"`] : []),
    `"${at(program)}" "$@"`,
  ];
  const script = join(part, "bin", basename(program));
  writeFileSync(script, `#!/bin/sh\n${command.join(" \\\n  ")}\n`, { mode: 0o755 });
}

function entriesOf(folder: string, names: RegExp): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => names.test(name)) : [];
}

/** The suite that this machine's libraries are of; empty where it is not a Debian. */
function ownSuite(): string {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "";
}

/** What the program says itself, so that it has run. */
function versionOf(folder: string): string {
  const [program] = readdirSync(join(folder, "bin"));
  const answer = run(join(folder, "bin", program ?? ""), ["--version"]);
  return answer.trim().replace(join(folder, "root"), "");
}

/** @throws Error with what the program said last. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, ...env, LC_ALL: "C" },
    timeout: STEP_LIMIT_MS,
  });
  if (error === undefined && status === 0) return stdout;
  const said = `${stdout ?? ""}\n${stderr ?? ""}`.trim().split("\n").slice(-3).join(" ");
  throw new Error(`${basename(program)} ${args[0]} failed: ${error?.message ?? said}`);
}
