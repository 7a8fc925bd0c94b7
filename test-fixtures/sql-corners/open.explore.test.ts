import { actionsOf, test } from "./corners.ts";

test.explore("open", { actions: actionsOf("transaction left open"), depth: 2 });
