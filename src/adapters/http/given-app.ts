import type { App } from "./app.ts";
import { appUnreachable } from "./failures.ts";
import { canConnect, waitUntilReady, type ReadyCheck } from "./ready.ts";
import { createTransport } from "./transport.ts";

const CONNECT_MS = 5000;

/** An app that somebody else runs, and how to wait for it. */
export interface GivenPlan {
  readonly url: string;
  readonly readyTimeoutMs: number;
  /** Builds the check once the app can be spoken to; absent: one attempt to connect. */
  readonly readyCheck: ((app: App) => ReadyCheck) | undefined;
}

/**
 * Waits for an app that somebody else runs.
 *
 * @throws ExploreError `EXPLORE_APP_UNREACHABLE` when it does not serve.
 */
export async function connectGivenApp(plan: GivenPlan): Promise<App> {
  const app = givenApp(plan.url);
  const check = plan.readyCheck?.(app);
  const late =
    check === undefined
      ? await canConnect(plan.url, CONNECT_MS).catch((reason: unknown) => ({ reason }))
      : await waitUntilReady(check, { timeoutMs: plan.readyTimeoutMs, gone: () => false });
  if (late === undefined) return app;
  await app.close();
  throw appUnreachable(plan.url, "at the start", late.reason);
}

function givenApp(url: string): App {
  const transport = createTransport({ repeats: true });
  // Looked at only after a failed request: the next request would tell as well.
  let suspect = false;
  return {
    url,
    send: transport.send,
    explain: async (cause, during) => {
      suspect = true;
      return appUnreachable(url, during, cause);
    },
    assertAlive: () => {},
    revive: async () => {
      if (!suspect) return;
      try {
        await canConnect(url, CONNECT_MS);
      } catch (cause) {
        throw appUnreachable(url, "after a rollback", cause);
      }
      suspect = false;
    },
    close: transport.close,
  };
}
