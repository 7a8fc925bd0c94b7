import { expect, test } from "vitest";
import { describeMajors, runFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("a spec without rules finds what breaks HTTP's promises, and says how to allow it", async () => {
    const { tests, stdout, stderr } = await runFixture("oracles", { vitest: major });

    expect(tests).toEqual({
      "articles.explore.test.ts": {
        articles: {
          exploration: "passed",
          write: "passed",
          remove: "failed",
          "write → read": "failed",
          "write → empty": "failed",
          "write → replace": "passed",
          "write → remove": "failed",
          "write → replace → read": "failed",
          "write → replace → empty": "failed",
          "write → replace → replace": "failed",
          "write → replace → remove": "failed",
        },
        "articles whose views are meant to be counted": {
          exploration: "passed",
          write: "passed",
          "write → read": "passed",
          "write → read → read": "passed",
        },
      },
    });
    expect([...stdout.matchAll(/^\d+ branch.*$/gm)].map(([line]) => line)).toMatchInlineSnapshot(`
      [
        "1 branch: DELETE /articles/1 was answered 500. (remove)",
        "2 branches: GET /articles/1 changed db.articles. (write → read)",
        "2 branches: PATCH /articles/1 was answered 422 and changed db.articles. (write → empty)",
        "2 branches: DELETE /articles/1 was answered 204 and removed nothing. (write → remove)",
        "1 branch: PUT /articles/1, sent twice in a row, changed db.articles again. (write → replace → replace)",
      ]
    `);
    expect(/^ FAIL .* write → read\n[^]*?Run only.*$/m.exec(stderr)?.[0]).toMatchInlineSnapshot(`
      " FAIL  articles.explore.test.ts:11 > articles > write → read
       FAIL  articles.explore.test.ts:11 > articles > write → replace → read
      Error: GET /articles/1 changed db.articles.
      This is judged without a rule of the spec (readsChangeNothing). If it is meant to be so, switch it off: \`oracles: { readsChangeNothing: false }\`, in the spec or in the action "read"; \`ignoreTables\` leaves tables out.

      Steps:
        1. write
             POST /articles {"text":"one"} → 201 {"id":1}
             db.articles  + id 1, views 0, text "one"
        2. read   <- failed here
             GET /articles/1 → 200 {"text":"one","views":1}
             db.articles  ~ id 1: views 0 → 1
      Run only this branch: EXPLORE_REPLAY=0/1 npx vitest run articles.explore.test.ts -t "articles.{1,3}exploration$""
    `);
  });
});
