import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needsChromium, openPage, startChromium } from "../support/chromium.ts";
import { faintTexts } from "../support/contrast.ts";
import { graphTrace, treeEdges } from "../support/graph-trace.ts";
import { lane } from "../support/lane.ts";
import { type PageFile, pageFile } from "../support/page-file.ts";
import { box, focused, goTo, shows } from "../support/page-use.ts";

const actions = ["create order", "pay", "refund", "look"];
/** Ten states in a tree; one refund fails, and every state can be looked at. */
const ten = graphTrace({
  actions,
  edges: [...treeEdges(10, 3), [4, 2], [5, 1, 0]],
  step: ([from, action]) => ({
    exchanges: [
      {
        system: "api",
        method: "POST",
        target: `/orders/${from}`,
        headers: { accept: "application/json" },
        body: { text: '{"amount":100}' },
        response: { status: 201, headers: {}, body: { text: `{"id":${from}}` } },
      },
    ],
    changes: action === 3 ? [] : [orderAdded(from * 10 + action)],
  }),
});

function orderAdded(id: number) {
  const changes = [{ after: [id, "open"] }];
  return { system: "db", collection: "orders", columns: ["id", "status"], key: [0], changes };
}
const failing = ten.transitions.findIndex(({ to }) => to === undefined);

lane("Chromium", needsChromium, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  describe("the page of 10 states", () => {
    let file: PageFile;
    beforeAll(() => {
      file = pageFile([ten]);
    });
    afterAll(() => file?.[Symbol.dispose]());

    test("draws all of them, and what leads to a failure stands out", async () => {
      const { page, complaints } = await openPage(browser, file.file);

      expect(await boxTitles(page)).toEqual([
        "Initial state",
        ...Array.from({ length: 9 }, (_, index) => `State ${index + 1}`),
      ]);
      expect(await page.locator(".trail").innerText()).toBe("Whole graph\n10 states");
      expect(await page.locator(".box.failing .title").allTextContents()).toEqual([
        "State 1",
        "State 4",
      ]);
      expect(await page.locator(".label.failing").allTextContents()).toEqual([
        "create order",
        "create order",
      ]);
      expect(await page.locator(".line.failed").allTextContents()).toEqual(["✕ refund"]);
      const hidden = await page.evaluate<number>(`(() => {
        const frame = document.querySelector(".viewport").getBoundingClientRect();
        return [...document.querySelectorAll(".box")].filter((box) => {
          const { left, right, top, bottom } = box.getBoundingClientRect();
          return left < frame.left || right > frame.right || top < frame.top || bottom > frame.bottom;
        }).length;
      })()`);
      expect(hidden).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    });

    test("a click on a state shows its data, one on a transition its request and diff", async () => {
      const { page } = await openPage(browser, file.file);
      const details = page.locator(".details");

      await box(page, "State 5").click();
      await shows(page, "State 5");
      expect(await details.locator("table").innerText()).toMatch(
        /^db\.orders\s+change\s+id\s+status\s+\+\s*added\s+0\s+"open"\s+\+\s*added\s+11\s+"open"$/,
      );
      expect(await details.locator(".steps li").allInnerTexts()).toEqual([
        'create order\ndb.orders + id 0, status "open"',
        'pay\ndb.orders + id 11, status "open"',
      ]);
      expect(await details.locator(".transitions").first().locator("li").allInnerTexts()).toEqual([
        "✓ look → state 5",
        "✓ pay → initial state",
      ]);
      expect(await box(page, "State 5").getAttribute("aria-pressed")).toBe("true");

      await page.locator(".label", { hasText: "pay" }).first().click();
      await shows(page, "pay");
      expect(await details.locator("h4").innerText()).toBe("POST /orders/0 → 201");
      expect(await details.locator("pre").allTextContents()).toEqual([
        '{\n  "amount": 100\n}',
        '{\n  "id": 0\n}',
      ]);
      expect(await details.locator("ins").allTextContents()).toEqual(["1", '"open"']);

      await page.locator(".line", { hasText: "↩︎ pay → 0" }).click();
      await shows(page, "pay");
      expect(await details.locator("h4").innerText()).toBe("POST /orders/5 → 201");
      await page.goBack();
      expect(await details.locator("h4", { hasText: "/orders/0" }).innerText()).toContain("201");
      await page.close();
    });

    test("a search finds branches by action and by outcome", async () => {
      const { page } = await openPage(browser, file.file);
      const found = page.locator(".results .name");
      const failed = "create order → create order → refund";

      expect(await page.locator(".search .count").innerText()).toBe("21 branches");
      expect(await found.first().textContent()).toBe(failed);
      await page.getByRole("searchbox").fill("pay look");
      expect(await found.allTextContents()).toEqual([
        "pay → look",
        "create order → pay → look",
        "pay → create order → look",
        "pay → pay → look",
        "pay → refund → look",
      ]);
      await page.getByRole("searchbox").fill("");
      await page.getByLabel("Outcome").selectOption("failed: an error was thrown");
      expect(await found.allTextContents()).toEqual([failed]);
      await page.getByLabel("Outcome").selectOption("passed");
      expect(await found.count()).toBe(20);
      await page.getByRole("link", { name: "passed create order → pay", exact: true }).click();
      await shows(page, "pay");
      await page.close();
    });

    test("a failing branch's request is reached by keyboard alone", async () => {
      const { page } = await openPage(browser, file.file);
      const press = async (...keys: readonly string[]): Promise<void> => {
        for (const key of keys) await page.keyboard.press(key);
      };

      // By the search …
      await press("/");
      await page.keyboard.type("refund");
      await press("Enter");
      await shows(page, "refund");
      expect(await focused(page)).toBe("refund");
      expect(await page.locator(".details .failure pre").textContent()).toBe("it threw");

      // … and by the drawing.
      await press("Escape");
      expect(await focused(page)).toMatch(/^State 4/);
      await press("ArrowLeft", "ArrowLeft");
      expect(await focused(page)).toMatch(/^Initial state/);
      await press("ArrowRight");
      const first = await focused(page);
      await press("ArrowDown");
      expect(await focused(page)).not.toBe(first);
      await press("ArrowUp");
      expect(await focused(page)).toBe(first);
      await goTo(page, "#0/s1");
      await press("Escape", "ArrowRight");
      for (let step = 0; step < 9 && !(await focused(page)).startsWith("State 4"); step += 1) {
        await press("ArrowDown");
      }
      await press("Enter");
      expect(await focused(page)).toBe("State 4");
      for (let step = 0; step < 30 && (await focused(page)) !== "refund"; step += 1) {
        await press("Tab");
      }
      await press("Enter");
      await shows(page, "refund");
      expect(await focused(page)).toBe("refund");
      expect(await page.locator(".details h4").innerText()).toBe("POST /orders/4 → 201");
      await page.close();
    });

    test.for(["light", "dark"] as const)("every text can be read on a %s page", async (scheme) => {
      const { page } = await openPage(browser, file.file, { colorScheme: scheme });
      const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(background).toBe(scheme === "light" ? "rgb(255, 255, 255)" : "rgb(14, 18, 23)");

      for (const hash of ["#0", "#0/s4", "#0/t1", `#0/t${failing}`]) {
        if (hash !== "#0") await goTo(page, hash);
        expect(await faintTexts(page), hash).toEqual([]);
      }
      await page.close();
    });

    test("a sequence of one's own, which is no transition, has a place of its own", async () => {
      const sequence = { name: "pay → look → pay", path: "1/3/1", status: "passed" } as const;
      const branches = [...ten.branches, { ...sequence, durationMs: 1 }];
      using own = pageFile([{ ...ten, branches }]);
      const { page } = await openPage(browser, own.file);

      await page.getByRole("searchbox").fill("pay look pay");
      await page.getByRole("link", { name: "passed pay → look → pay", exact: true }).click();
      await shows(page, "pay → look → pay");
      expect(page.url()).toMatch(new RegExp(`#0/b${ten.branches.length}$`));
      expect(await page.locator(".details .steps a").allTextContents()).toEqual([
        "pay",
        "look",
        "pay",
      ]);
      await page.locator(".details .steps a").last().click();
      await shows(page, "pay");
      await page.close();
    });

    test("a narrow window shows everything, one below the other", async () => {
      const { page } = await openPage(browser, file.file, {
        viewport: { width: 390, height: 800 },
      });

      await box(page, "State 2").click();
      await shows(page, "State 2");
      const { width, below } = await page.evaluate<{ width: number; below: boolean }>(`({
        width: document.documentElement.scrollWidth,
        below: document.querySelector(".details").offsetTop > document.querySelector(".picture").offsetTop,
      })`);
      expect(width).toBeLessThanOrEqual(390);
      expect(below).toBe(true);
      expect(await page.locator(".details dl").first().isVisible()).toBe(true);
      await page.close();
    });
  });

  describe("the page of 2,000 states", () => {
    let file: PageFile;
    beforeAll(() => {
      const edges = [...treeEdges(2000, 4), [1999, 0] as const];
      file = pageFile([graphTrace({ actions: [...actions, "look again"], edges })]);
    });
    afterAll(() => file?.[Symbol.dispose]());

    test("draws the way to the failure and what is nearest, the rest behind boxes", async () => {
      const { page, complaints } = await openPage(browser, file.file);

      expect(await page.locator(".box").count()).toBe(80);
      expect(await page.locator(".trail").innerText()).toBe(
        "Beneath the initial state\n80 of 2,000 states",
      );
      expect(await page.locator(".box.failing .title").allTextContents()).toContain("State 1999");
      expect(await page.locator(".line.failed").allTextContents()).toEqual(["✕ create order"]);
      const more = page.locator(".more").first();
      const count = Number((await more.textContent())?.slice(1));
      const [, root] =
        /beneath state (\d+)$/.exec((await more.getAttribute("aria-label")) ?? "") ?? [];
      await more.click();

      await shows(page, `State ${root}`);
      expect(await page.locator(".trail [aria-current]").innerText()).toBe(`Beneath state ${root}`);
      expect(await box(page, `State ${root}`).count()).toBe(1);
      const boxes = await page.locator(".box").count();
      expect(boxes).toBeGreaterThanOrEqual(Math.min(count, 79));
      await page.getByRole("navigation", { name: "View" }).getByRole("link").first().click();
      await page.locator(".more").nth(10).waitFor();
      expect(await page.locator(".trail").innerText()).toContain("Beneath the initial state");
      expect(complaints).toEqual([]);
      await page.close();
    });

    test("opens at a state that a link names, wherever it is", async () => {
      const { page } = await openPage(browser, file.file, { hash: "#0/s1500" });

      expect(await page.locator(".details h2").textContent()).toBe("State 1500");
      expect(await box(page, "State 1500").getAttribute("aria-pressed")).toBe("true");
      expect(await box(page, "State 1500").isVisible()).toBe(true);
      expect(await page.locator(".trail a").count()).toBeGreaterThan(0);
      await goTo(page, "#0/s1999");
      expect(await box(page, "State 1999").getAttribute("aria-pressed")).toBe("true");
      await page.close();
    });

    test("opens more states by keyboard", async () => {
      const { page } = await openPage(browser, file.file, { hash: "#0/s1" });

      await page.keyboard.press("Escape");
      for (let step = 0; step < 20 && !/more states/.test(await focused(page)); step += 1) {
        await page.keyboard.press("ArrowRight");
      }
      const [, root] = /beneath state (\d+)$/.exec(await focused(page)) ?? [];
      await page.keyboard.press("Enter");
      expect(await focused(page)).toMatch(new RegExp(`^State ${root}\\b`));
      await page.close();
    });
  });
});

async function boxTitles(page: Page): Promise<readonly string[]> {
  const titles = await page.locator(".box .title").allTextContents();
  return titles.toSorted((a, b) => a.localeCompare(b, "en"));
}
