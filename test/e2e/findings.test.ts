import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import * as postgres from "../support/postgres/server.ts";
import * as redis from "../support/redis/server.ts";
import {
  describeMajors,
  type FixtureRun,
  openFixture,
  runFixture,
} from "../support/run-fixture.ts";

describeMajors((major) => {
  test("the double refund is understood from its failure alone", async () => {
    const { stderr } = await runFixture("double-refund", { vitest: major });

    expect(failures(stderr)).toMatchInlineSnapshot(`
      "FAIL  shop.explore.test.ts:14 > shop > create order → refund → refund
      Error: Invariant "refunds never exceed the order" does not hold after 3 steps

      Steps:
        1. create order
             POST /orders {"amount":100} → 201 {"id":1,"amount":100,"refunded":0,"status":"paid"}
             db.orders  + id 1, amount 100, refunded 0, status "paid"
        2. refund
             POST /orders/1/refund {"amount":100} → 200 {"id":1,"amount":100,"refunded":100,"status":"paid"}
             db.orders  ~ id 1: refunded 0 → 100
        3. refund   <- failed here
             POST /orders/1/refund {"amount":100} → 200 {"id":1,"amount":100,"refunded":200,"status":"paid"}
             db.orders  ~ id 1: refunded 100 → 200
      Run only this branch: EXPLORE_REPLAY=0/1/1 npx vitest run shop.explore.test.ts

       ❯ shop.explore.test.ts:33:39
           31|   },
           32|   invariants: {
           33|     "refunds never exceed the order": always(
             |                                       ^
           34|       async ({ db }) =>
           35|         (await db.query("SELECT 1 FROM orders WHERE refunded > amount"…"
    `);
  });

  test("each kind of failure shows its line, its steps, and nothing that is secret", async () => {
    const { stdout, stderr } = await runFixture("findings", { vitest: major });

    expect(failures(stderr)).toMatchInlineSnapshot(`
      "FAIL  members.explore.test.ts:37 > a response that is not expected > join → earn → spend
      ExploreError [EXPLORE_UNEXPECTED_RESPONSE]: Expected status 200, got 500.
        request:  POST /members/<id 1>/spend
        response: 500 {"error":"points are odd"}
      Either the app is wrong, or the status that the spec expects.

      Steps:
        1. join
             POST /members {"name":"ann","password":"<secret>","iban":"<secret>"} → 201 {"id":"<id 1>","name":"ann"}
             db.members  + id "<id 1>", name "ann", password "<secret>", points 0, joined "<time>"
             api.cookies  + session "main", domain "127.0.0.1", path "/", name "session", value "<secret>"
             api printed:
               joined: ann with password=<secret>
        2. earn
             POST /members/<id 1>/earn → 204
             db.members  ~ id "<id 1>": points 0 → 2
        3. spend   <- failed here
             POST /members/<id 1>/spend → 500 {"error":"points are odd"}
             changed nothing
             api printed:
               cannot spend: <id 1> has 2 points
      Run only this branch: EXPLORE_REPLAY=0/1/2 npx vitest run members.explore.test.ts -t "a response that is not expected"

       ❯ run members.explore.test.ts:45:18
           43|       run: async ({ api, context }) => {
           44|         const response = await api.post(\`/members/\${context.id}/spend\`…
           45|         response.expectStatus(200);
             |                  ^
           46|       },
           47|     },

       FAIL  members.explore.test.ts:53 > an action that throws > join → look
      Error: nobody has no points

      Steps:
        1. join
             POST /members {"name":"ann","password":"<secret>","iban":"<secret>"} → 201 {"id":"<id 1>","name":"ann"}
             db.members  + id "<id 1>", name "ann", password "<secret>", points 0, joined "<time>"
             api.cookies  + session "main", domain "127.0.0.1", path "/", name "session", value "<secret>"
             api printed:
               joined: ann with password=<secret>
        2. look   <- failed here
             GET /members/<id 1> → 200 {"id":"<id 1>","name":"ann","password":"<secret>","points":0,"joined":"<time>"}
             changed nothing
      Run only this branch: EXPLORE_REPLAY=0/1 npx vitest run members.explore.test.ts -t "an action that throws"

       ❯ run members.explore.test.ts:60:41
           58|       run: async ({ api, context }) => {
           59|         const { body } = await api.get(\`/members/\${context.id}\`);
           60|         if (body["points"] === 0) throw new Error("nobody has no point…
             |                                         ^
           61|       },
           62|     },

       FAIL  members.explore.test.ts:68 > expect in a rule > join
      AssertionError: expected [ { name: 'ann', points: +0 } ] to deeply equal [ { name: 'ann', points: 3 } ]

      Steps:
        1. join   <- failed here
             POST /members {"name":"ann","password":"<secret>","iban":"<secret>"} → 201 {"id":"<id 1>","name":"ann"}
             db.members  + id "<id 1>", name "ann", password "<secret>", points 0, joined "<time>"
             api.cookies  + session "main", domain "127.0.0.1", path "/", name "session", value "<secret>"
             api printed:
               joined: ann with password=<secret>
      Run only this branch: EXPLORE_REPLAY=0 npx vitest run members.explore.test.ts -t "expect in a rule"

      - Expected
      + Received

        [
          {
            "name": "ann",
      -     "points": 3,
      +     "points": 0,
          },
        ]

       ❯ members.explore.test.ts:73:21
           71|     "members have names of three letters": always(async ({ db, expect …
           72|       const names = await db.query("SELECT name, points FROM members");
           73|       expect(names).toEqual(names.map(({ name }) => ({ name, points: 3…
             |                     ^
           74|       return true;
           75|     }),

       FAIL  members.explore.test.ts:81 > a rule that asks the app > join
      Error: Invariant "members have points" does not hold after 1 step

      Steps:
        1. join   <- failed here
             POST /members {"name":"ann","password":"<secret>","iban":"<secret>"} → 201 {"id":"<id 1>","name":"ann"}
             db.members  + id "<id 1>", name "ann", password "<secret>", points 0, joined "<time>"
             api.cookies  + session "main", domain "127.0.0.1", path "/", name "session", value "<secret>"
             api printed:
               joined: ann with password=<secret>
             checked by GET /members/<id 1> → 200 {"id":"<id 1>","name":"ann","password":"<secret>","points":0,"joined":"<time>"}
      Run only this branch: EXPLORE_REPLAY=0 npx vitest run members.explore.test.ts -t "a rule that asks the app"

       ❯ members.explore.test.ts:84:28
           82|   actions: { join },
           83|   invariants: {
           84|     "members have points": always(async ({ api, context }) => {
             |                            ^
           85|       if (context.id === undefined) return true;
           86|       const { body } = await api.get(\`/members/\${context.id}\`);"
    `);
    expect(stdout + stderr).not.toMatch(/correct horse|DE02120300000000202051|swordfish/);
  });

  describe("the reports of a CI are plain text of sane length", () => {
    test("JUnit", async () => {
      await using fixture = openFixture("findings", major);
      await fixture.run(["--reporter=junit", "--outputFile.junit=junit.xml"], {
        env: { FORCE_COLOR: "1" },
      });
      const junit = fixture.read("junit.xml");
      const [failure = ""] =
        /<testcase [^>]*name="an action that throws &gt; join → look"[^]*?<\/testcase>/.exec(
          junit,
        ) ?? [];

      expect(failure.replaceAll(/ time="[^"]*"/g, "")).toMatchInlineSnapshot(`
        "<testcase classname="members.explore.test.ts" name="an action that throws &gt; join → look">
                    <properties>
                        <property name="explore.path" value="0/1">
                        </property>
                        <property name="explore.failure" value="error">
                        </property>
                    </properties>
                    <failure message="nobody has no points

        Steps:
          1. join
               POST /members {&quot;name&quot;:&quot;ann&quot;,&quot;password&quot;:&quot;&lt;secret&gt;&quot;,&quot;iban&quot;:&quot;&lt;secret&gt;&quot;} → 201 {&quot;id&quot;:&quot;&lt;id 1&gt;&quot;,&quot;name&quot;:&quot;ann&quot;}
               db.members  + id &quot;&lt;id 1&gt;&quot;, name &quot;ann&quot;, password &quot;&lt;secret&gt;&quot;, points 0, joined &quot;&lt;time&gt;&quot;
               api.cookies  + session &quot;main&quot;, domain &quot;127.0.0.1&quot;, path &quot;/&quot;, name &quot;session&quot;, value &quot;&lt;secret&gt;&quot;
               api printed:
                 joined: ann with password=&lt;secret&gt;
          2. look   &lt;- failed here
               GET /members/&lt;id 1&gt; → 200 {&quot;id&quot;:&quot;&lt;id 1&gt;&quot;,&quot;name&quot;:&quot;ann&quot;,&quot;password&quot;:&quot;&lt;secret&gt;&quot;,&quot;points&quot;:0,&quot;joined&quot;:&quot;&lt;time&gt;&quot;}
               changed nothing
        Run only this branch: EXPLORE_REPLAY=0/1 npx vitest run members.explore.test.ts -t &quot;an action that throws&quot;
        " type="Error">
        Error: nobody has no points

        Steps:
          1. join
               POST /members {&quot;name&quot;:&quot;ann&quot;,&quot;password&quot;:&quot;&lt;secret&gt;&quot;,&quot;iban&quot;:&quot;&lt;secret&gt;&quot;} → 201 {&quot;id&quot;:&quot;&lt;id 1&gt;&quot;,&quot;name&quot;:&quot;ann&quot;}
               db.members  + id &quot;&lt;id 1&gt;&quot;, name &quot;ann&quot;, password &quot;&lt;secret&gt;&quot;, points 0, joined &quot;&lt;time&gt;&quot;
               api.cookies  + session &quot;main&quot;, domain &quot;127.0.0.1&quot;, path &quot;/&quot;, name &quot;session&quot;, value &quot;&lt;secret&gt;&quot;
               api printed:
                 joined: ann with password=&lt;secret&gt;
          2. look   &lt;- failed here
               GET /members/&lt;id 1&gt; → 200 {&quot;id&quot;:&quot;&lt;id 1&gt;&quot;,&quot;name&quot;:&quot;ann&quot;,&quot;password&quot;:&quot;&lt;secret&gt;&quot;,&quot;points&quot;:0,&quot;joined&quot;:&quot;&lt;time&gt;&quot;}
               changed nothing
        Run only this branch: EXPLORE_REPLAY=0/1 npx vitest run members.explore.test.ts -t &quot;an action that throws&quot;

         ❯ run members.explore.test.ts:60:41
                    </failure>
                </testcase>"
      `);
      expect(junit).not.toContain("\u001B");
      expect(junit).not.toMatch(/correct horse|DE02120300000000202051|swordfish/);
      expect(junit.length).toBeLessThan(20_000);
    });

    test("GitHub annotations", async () => {
      const { stdout } = await runFixture("findings", {
        vitest: major,
        args: ["--reporter=github-actions"],
        env: { FORCE_COLOR: "1" },
      });
      const annotations = stdout.split("\n").filter((line) => line.startsWith("::error"));

      expect(annotations.find((line) => line.includes("join → look"))).toMatchInlineSnapshot(
        `"::error file=<folder>/members.explore.test.ts,title=members.explore.test.ts > an action that throws > join → look,line=60,column=41::Error: nobody has no points%0A%0ASteps:%0A  1. join%0A       POST /members {"name":"ann","password":"<secret>","iban":"<secret>"} → 201 {"id":"<id 1>","name":"ann"}%0A       db.members  + id "<id 1>", name "ann", password "<secret>", points 0, joined "<time>"%0A       api.cookies  + session "main", domain "127.0.0.1", path "/", name "session", value "<secret>"%0A       api printed:%0A         joined: ann with password=<secret>%0A  2. look   <- failed here%0A       GET /members/<id 1> → 200 {"id":"<id 1>","name":"ann","password":"<secret>","points":0,"joined":"<time>"}%0A       changed nothing%0ARun only this branch: EXPLORE_REPLAY=0/1 npx vitest run members.explore.test.ts -t "an action that throws"%0A%0A ❯ run members.explore.test.ts:60:41%0A%0A"`,
      );
      expect(annotations).toHaveLength(4);
      for (const line of annotations) {
        expect(line).not.toContain("\u001B");
        expect(line.length).toBeLessThan(4000);
      }
    });
  });
});

const probe = async (): Promise<string | undefined> =>
  postgres.probePostgres() ?? (await redis.needsRedis());

lane("PostgreSQL and Redis", probe, () => {
  const env: Record<string, string> = {};
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const [database, cache] = await Promise.all([postgres.startServer(), redis.startServer()]);
    stops.push(database.stop, cache.stop);
    env["POSTGRES_URL"] = database.url("postgres");
    env["REDIS_URL"] = `redis://${cache.host}:${cache.port}/0`;
  });

  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  test("what a step changed is told of every system, rows and keys", async () => {
    const { stderr } = await runFixture("consistency", { vitest: "5", env });

    expect(failures(stderr)).toMatchInlineSnapshot(`
      "FAIL  shop.explore.test.ts:16 > shop > create order → cancel
      Error: Invariant "the cache counts the open orders" does not hold after 2 steps

      Steps:
        1. create order
             POST /orders → 201 {"id":1}
             db.orders  + id 1, amount 100, status "open"
             cache.keys  + key "order_count", type "string", value "1", ttl false
        2. cancel   <- failed here
             POST /orders/1/cancel → 200 {}
             db.orders  ~ id 1: status "open" → "cancelled"
      Run only this branch: EXPLORE_REPLAY=0/1 npx vitest run shop.explore.test.ts

       ❯ shop.explore.test.ts:28:41
           26|   },
           27|   invariants: {
           28|     "the cache counts the open orders": always(async ({ db, cache }) =…
             |                                         ^
           29|       const rows = await db.query("SELECT 1 FROM orders WHERE status =…
           30|       return rows.length === Number((await cache.get("order_count")) ?…

       FAIL  shop.explore.test.ts:16 > shop > create order → create order → cancel
      Error: Invariant "the cache counts the open orders" does not hold after 3 steps

      Steps:
        1. create order
        2. create order
        3. cancel   <- failed here
             POST /orders/2/cancel → 200 {}
             db.orders  ~ id 2: status "open" → "cancelled"
      The same failure as: create order → cancel
      Run only this branch: EXPLORE_REPLAY=0/0/1 npx vitest run shop.explore.test.ts

       ❯ shop.explore.test.ts:28:41
           26|   },
           27|   invariants: {
           28|     "the cache counts the open orders": always(async ({ db, cache }) =…
             |                                         ^
           29|       const rows = await db.query("SELECT 1 FROM orders WHERE status =…
           30|       return rows.length === Number((await cache.get("order_count")) ?…"
    `);
  });
});

/** The failures that were printed, without the lines around them. */
function failures(stderr: FixtureRun["stderr"]): string {
  return stderr
    .replaceAll(/^⎯.*⎯$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}
