import type * as Dagre from "@dagrejs/dagre";
import type { Trace } from "../../../trace/trace.ts";

/** Defined by the script before this one. */
declare const dagre: typeof Dagre;

const traces = JSON.parse(
  document.querySelector("#traces")?.textContent ?? "[]",
) as readonly Trace[];
const app = document.querySelector("#app");
if (app !== null) app.textContent = `${traces.length} explorations, dagre ${dagre.version}`;
