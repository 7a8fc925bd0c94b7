import { binary } from "./binary.ts";
import { container } from "./container.ts";
import { embedded } from "./embedded.ts";
import type { Way } from "./way.ts";

/** All ways to get a server, in the order in which they are tried. */
export const WAYS: readonly Way[] = [binary, container, embedded];
