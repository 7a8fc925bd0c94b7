import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { texts } from "../../test-fixtures/hostile/texts.ts";
import { needsChromium, openPage, startChromium } from "../support/chromium.ts";
import { lane } from "../support/lane.ts";
import { goTo, shows } from "../support/page-use.ts";
import { type Fixture, openFixture } from "../support/run-fixture.ts";

lane("Chromium", needsChromium, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  describe("the page of a real run", () => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = openFixture("findings", "5");
      fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "html" })');
      await fixture.run();
    });
    afterAll(() => fixture?.[Symbol.asyncDispose]());

    test("lists all explorations and tells a failing branch by itself", async () => {
      const { page, requests, complaints } = await openPage(browser, reportOf(fixture));

      expect(await page.locator(".explorations .name").allTextContents()).toEqual([
        "a response that is not expected",
        "a rule that asks the app",
        "an action that throws",
        "expect in a rule",
      ]);
      await page.locator(".details").getByRole("link", { name: "join → earn → spend" }).click();
      await shows(page, "spend");

      const details = page.locator(".details");
      expect(await details.locator("h2").textContent()).toBe("spend");
      expect(await details.locator(".failure pre").textContent()).toContain("got 500");
      expect(await details.locator(".command code").textContent()).toBe(
        'EXPLORE_REPLAY=0/1/2 npx vitest run members.explore.test.ts -t "a response that is not expected"',
      );
      expect(await details.locator(".steps summary .name").allTextContents()).toEqual([
        "join",
        "earn",
        "spend",
      ]);
      const last = details.locator(".steps details[open]").last();
      expect(await last.locator("h4").first().innerText()).toBe("POST /members/<id 1>/spend → 500");
      expect(await last.innerText()).toContain("cannot spend: <id 1> has 2 points");
      expect(await last.innerText()).toContain("It changed nothing.");
      await details.locator(".steps summary", { hasText: "earn" }).click();
      expect(await details.locator("td.changed").innerText()).toBe("0 → 2");
      expect([...requests, ...complaints]).toEqual([]);
      await page.close();
    });
  });

  test("the inputs that were generated are shown, and are part of the command", async () => {
    await using fixture = openFixture("generated-inputs", "5");
    fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "html" })');
    await fixture.run();
    const { page, complaints } = await openPage(browser, reportOf(fixture));
    const details = page.locator(".details");

    await details.getByRole("link", { name: "open → deposit #1 → withdraw #3" }).click();
    await shows(page, "withdraw #3");

    expect(await details.locator(".failure p").first().textContent()).toBe(
      "Shrunk from 3 steps to 2.",
    );
    expect(await details.locator(".command code").textContent()).toBe(
      'EXPLORE_REPLAY=0/5:xqmwa0:3:1:0:0:0:0:0:1 npx vitest run wallet.explore.test.ts -t "wallet"',
    );
    const [input] = await details.locator(".steps details[open] .part pre").allTextContents();
    expect(JSON.parse(input ?? "")).toEqual({ amount: 700, note: "" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("whatever an app says is shown as it is, and nothing of it runs", async () => {
    await using fixture = openFixture("hostile", "5");
    await fixture.run();
    const { page, requests, complaints } = await openPage(browser, reportOf(fixture));
    const details = page.locator(".details");

    expect(await page.locator(".details h2").textContent()).toBe(`${texts[0]} ${texts[2]}`);
    expect((await page.locator(".results .name").allTextContents()).toSorted()).toEqual(
      texts.toSorted(),
    );
    for (const [index, text] of texts.entries()) {
      await goTo(page, `#0/t${index}`);
      // On the way to the app, halves of a character become a character.
      const sent = Buffer.from(text).toString();
      expect(await details.locator("h2").textContent()).toBe(text);
      expect(await details.locator(".failure pre").textContent()).toBe(`${sent} is there`);
      expect(await details.locator(".failure h3").textContent()).toBe(`${texts[3]}${texts[1]}`);
      expect(await details.locator("table").textContent()).toContain(texts[1]);
      expect(await details.locator("ins").textContent()).toBe(`"${sent}"`);
      const [request, response, output] = await details.locator(".part pre").allTextContents();
      expect(JSON.parse(request ?? "")).toEqual({ text });
      expect(response).toBe(`${JSON.stringify({ text })}\n${sent}`);
      expect(output).toBe(sent);
      await details.locator(".headers summary").first().click();
      expect(await details.locator(".headers dl").first().textContent()).toContain(texts[1]);
    }

    expect(await page.evaluate("window.pwned")).toBeUndefined();
    expect(await page.locator("#app script, #app img, #app style").count()).toBe(0);
    expect([...requests, ...complaints]).toEqual([]);
    await page.close();
  });
});

function reportOf({ folder }: Fixture): string {
  return join(folder, ".vitest/explore/report.html");
}
