/** Lines of a log that are shown: the reason is at the end, and mostly in one of the last. */
const SHOWN_LINES = 8;

/** A container as far as its log is concerned. */
export interface Logging {
  readonly logs: (options: {
    stdout: true;
    stderr: true;
    follow: false;
    tail: number;
  }) => Promise<Buffer>;
}

/** What a container said last, indented; empty when it said nothing or is gone. */
export async function readLastLines(container: Logging): Promise<string> {
  const options = { stdout: true, stderr: true, follow: false, tail: SHOWN_LINES } as const;
  const log = await container.logs(options).catch(() => Buffer.alloc(0));
  const lines = unframe(log).trimEnd().split("\n");
  return lines.map((line) => (line === "" ? "" : `\n  ${line.trimEnd()}`)).join("");
}

/**
 * The text in the frames of a log: one byte for the stream, three of nothing, four with the length.
 *
 * @see https://docs.docker.com/reference/api/engine/ "Stream format"
 */
function unframe(log: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString("utf8");
}
