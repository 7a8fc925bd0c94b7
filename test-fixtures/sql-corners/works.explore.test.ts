import { actionsOf, test } from "./corners.ts";

test.explore("works", {
  actions: actionsOf(
    "named statement",
    "temporary table",
    "table that exists",
    "savepoint",
    "cursor that is held",
    "two at once, serializable",
    "lock of a transaction",
    "emptied table",
    "notification",
  ),
  depth: 2,
});
