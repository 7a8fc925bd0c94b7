import { createServer } from "node:http";
import { createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";

/** What a page must not take for its own. */
const QUOTES = "</script><script>alert(1)</script><!--<script> ]]> \u2028 &lt;";

const test = createTest({
  api: http({ app: createServer((_, response) => response.end(QUOTES)) }),
});

test.explore("quotes", {
  actions: { "look <b>": async ({ api }) => void (await api.get("/<!--")) },
  depth: 1,
});
