import { describeAdapter } from "../../src/adapters/conformance.ts";
import { http } from "../../src/adapters/http/index.ts";
import { provideNothing } from "../support/provision/nothing.ts";

/** Sets the cookie it is asked for, and counts in another one. */
function cookieApp(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/count") {
    const count = Number(/count=(\d+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? 0) + 1;
    return Response.json({ count }, { headers: { "set-cookie": `count=${count}; Path=/` } });
  }
  const value = encodeURIComponent(searchParams.get("value") ?? "");
  const headers = { "set-cookie": `${value}=${value}; Path=${pathname}` };
  return new Response(null, { headers });
}

// The memory of an app is not rolled back: what is, is the client's side alone.
describeAdapter("http", {
  capabilities: { history: "tree", scope: "server", schema: true, counters: true },
  create: async () => {
    const { handle: api, adapter } = await http({ kind: "fetch", app: cookieApp }).connect({
      name: "api",
      slot: "conformance",
      directory: import.meta.dirname,
      root: import.meta.dirname,
      handles: {},
      provide: provideNothing,
    });
    return {
      adapter,
      write: (value) => api.get("/", { query: { value } }),
      writeElsewhere: (value) => api.session("elsewhere").get("/", { query: { value } }),
      changeSchema: () => api.get("/another/path", { query: { value: "path" } }),
      nextCounter: async () => (await api.get("/count")).body["count"],
    };
  },
});
