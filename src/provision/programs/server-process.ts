/** The environment without what would change a server's or its tools' settings, in English. */
export function serverEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PG|MYSQL|MARIADB|LC_|LANG|NODE_|VITEST)/.test(name),
  );
  // Its temporary files go into its folder too, where its user may write and all is removed.
  return { ...Object.fromEntries(kept), LC_ALL: "C", TMPDIR: folder };
}

/** How much of what a server prints is kept, for errors. */
const KEPT = 4000;
const LINES_SHOWN = 8;

/** The end of what a process prints. */
export interface Tail {
  readonly append: (text: string) => void;
  readonly text: () => string;
  /** For an error: its last lines, each on a line of its own. */
  readonly lastLines: () => string;
}

/** Keeps the end of what is appended. */
export function createTail(): Tail {
  let kept = "";
  return {
    append: (text) => {
      kept = (kept + text).slice(-KEPT);
    },
    text: () => kept,
    lastLines: () => {
      const lines = kept.trim().split("\n").slice(-LINES_SHOWN);
      return lines.map((line) => `\n${line}`).join("");
    },
  };
}
