import { ExploreError } from "../errors.ts";

/** Whether the name or address of a host is this machine's own, without the brackets of IPv6. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

/** Takes the brackets off an IPv6 address, which only URLs have. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** Refuses a server on another machine that was not allowed. */
export function remoteRefused(system: string, host: string): ExploreError {
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: the server ${host} is not on this machine, so it may be somebody's real one.\n` +
      "If it is there for tests, set `allowRemote: true`.",
    { details: { system, host } },
  );
}
