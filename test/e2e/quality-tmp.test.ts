import { join } from "node:path";
import { test } from "vitest";
import { APPS } from "../../test-fixtures/quality-apps/specs.ts";
import { compare } from "../support/ground-truth-compare.ts";
import { explored } from "../support/ground-truth-explored.ts";
import { groundTruth } from "../support/ground-truth.ts";
const folder = join(import.meta.dirname, "../../test-fixtures/quality-apps");
const rooms: any = { command: "node rooms-tmp.js", context: {}, invariants: {},
 actions: {
  create: { enabled: ({context}: any) => (context.ids ?? []).length < 2, run: async ({api, context}: any) => { const {body} = await api.post("/rooms"); context.ids = [...(context.ids ?? []), body.id]; } },
  "share and delete first": { enabled: ({context}: any) => (context.ids ?? []).length > 1, run: async ({api, context}: any) => { await api.post(`/rooms/${context.ids[0]}/shares`); await api.delete(`/rooms/${context.ids[0]}`); context.ids.shift(); } },
  "share and delete last": { enabled: ({context}: any) => (context.ids ?? []).length > 1, run: async ({api, context}: any) => { await api.post(`/rooms/${context.ids.at(-1)}/shares`); await api.delete(`/rooms/${context.ids.at(-1)}`); context.ids.pop(); } },
  look: ({api}: any) => api.get("/shared"),
 } };
test("rooms", async () => {
  const truth = await groundTruth(rooms, { folder, depth: 5 });
  const e = await explored(rooms, { folder, depth: 5 });
  console.log("rooms", compare(truth, e, 5));
});
for (const strategy of ["depthFirst", "breadthFirst"] as const) test("stale " + strategy, async () => {
  const app = { ...APPS["prices"]!, env: { STALE: "1" } };
  const truth = await groundTruth(app, { folder, depth: 4 });
  const e = await explored(app, { folder, depth: 4, strategy });
  const c = compare(truth, e, 4);
  console.log("stale", strategy, { ...c, mispredicted: c.mispredicted.slice(0, 3), unsound: c.unsound.slice(0, 3) }, e.failed.map(f => [f.branch.name, String(f.failure?.error)]));
});
