import { withExploreRunner } from "vitest-explore/runner";
import OwnRunner from "./own-runner.ts";

// oxlint-disable-next-line import/no-default-export -- Vitest wants a runner so.
export default withExploreRunner(OwnRunner);
