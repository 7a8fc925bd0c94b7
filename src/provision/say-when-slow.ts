/** Lines about something that may take long. */
export interface Progress {
  /** What is being done now. */
  readonly say: (line: string) => void;
  readonly done: () => void;
}

/** Passes lines on once the whole has taken long, beginning with the one that holds then. */
export function sayWhenSlow(say: (line: string) => void, slowMs: number): Progress {
  let latest: string | undefined;
  let slow = false;
  const timer = setTimeout(() => {
    slow = true;
    if (latest !== undefined) say(latest);
  }, slowMs);
  timer.unref();
  return {
    say: (line) => {
      if (slow && line !== latest) say(line);
      latest = line;
    },
    done: () => clearTimeout(timer),
  };
}
