import type { Picture } from "./picture.ts";
import type { Search } from "./search.ts";

/** What keys act on. */
export interface KeyTargets {
  readonly search: Search;
  readonly picture: Picture;
}

/** Listens to the keys that work everywhere on the page, unless somebody is writing. */
export function listenToKeys({ search, picture }: KeyTargets): void {
  const keys: Readonly<Record<string, () => void>> = {
    "/": search.focus,
    Escape: picture.focus,
    "+": () => picture.zoom("in"),
    "-": () => picture.zoom("out"),
    "0": () => picture.zoom("fit"),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isWriting =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const run = isWriting && event.key !== "Escape" ? undefined : keys[event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  });
}
