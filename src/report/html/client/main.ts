import type { Trace } from "../../../trace/trace.ts";
import { createDetails } from "./details/index.ts";
import { html } from "./element.ts";
import { createExplorations, inOrder } from "./explorations.ts";
import type { Dagre } from "./layout.ts";
import { createMeasure } from "./measure.ts";
import { createPicture } from "./picture.ts";
import { listenToKeys } from "./keys.ts";
import { hashOf, type Place, type PlaceItem, placeOf } from "./place.ts";
import { createSearch } from "./search.ts";
import { type Subject, subjectOf } from "./subject.ts";
import { plural } from "../../plural.ts";

/** Defined by the script before this one. */
declare const dagre: Dagre;

const traces = JSON.parse(document.querySelector("#traces")?.textContent ?? "[]") as Trace[];
const app = document.querySelector("#app");
if (app !== null) start(app, traces.map(subjectOf));

function start(app: Element, subjects: readonly Subject[]): void {
  const [first] = inOrder(subjects);
  if (first === undefined) {
    app.append(html("p", { class: "empty" }, "There was no exploration in this run."));
    return;
  }
  const explorations = createExplorations(subjects);
  const search = createSearch(() => details.focus());
  const details = createDetails(({ index, trace: { exploration } }) =>
    subjects.flatMap(({ index: other, trace }) =>
      other !== index && trace.exploration.module === exploration.module
        ? [trace.exploration.name]
        : [],
    ),
  );
  const picture = createPicture({ dagre, measure: createMeasure(), open });
  app.append(
    html(
      "header",
      {},
      html("h1", {}, document.title),
      html("p", { class: "count" }, countText(subjects)),
    ),
    html("div", { class: "side" }, explorations.element, search.element),
    picture.element,
    details.element,
  );

  function place(): Place & { readonly subject: Subject } {
    const known = placeOf(location.hash);
    const subject = known && subjects[known.exploration];
    return known !== undefined && subject !== undefined
      ? { ...known, subject }
      : { exploration: first?.index ?? 0, subject: first as Subject };
  }

  let shown: string | undefined;

  function show(): void {
    // Both a click and the change of the address that it makes come here.
    if (shown === location.hash) return;
    shown = location.hash;
    const { subject, item } = place();
    explorations.select(subject.index);
    search.setSubject(subject);
    details.show(subject, item);
    picture.show(subject, item);
  }

  function open(item: PlaceItem, byKeyboard: boolean): void {
    location.hash = hashOf({ exploration: place().subject.index, item });
    show();
    if (byKeyboard) details.focus();
  }

  addEventListener("hashchange", show);
  listenToKeys({ search, picture });
  show();
}

function countText(subjects: readonly Subject[]): string {
  const failed = subjects.filter(({ failures }) => failures.length > 0).length;
  const text = plural(subjects.length, "exploration");
  return failed === 0 ? `${text}, none failed` : `${text}, ${failed} failed`;
}
