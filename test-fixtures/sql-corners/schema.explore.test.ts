import { actionsOf, test } from "./corners.ts";

test.explore("schema", { actions: actionsOf("named statement", "added column"), depth: 2 });
