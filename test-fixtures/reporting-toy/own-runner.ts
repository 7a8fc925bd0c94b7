import { TestRunner } from "vitest";

// oxlint-disable-next-line import/no-default-export -- Vitest wants a runner so.
export default class OwnRunner extends TestRunner {}
