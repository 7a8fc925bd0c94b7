import { actionsOf, test } from "./corners.ts";

test.explore("locked", { actions: actionsOf("lock of a session"), depth: 2 });
