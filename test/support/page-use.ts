import type { Locator, Page } from "playwright-core";

/** A state's box in the drawing, by its title. */
export function box(page: Page, title: string): Locator {
  return page.locator(".box", { has: page.locator(`text="${title}"`) });
}

/** Waits until the details are about something. */
export async function shows(page: Page, title: string): Promise<void> {
  await page
    .locator(".details")
    .getByRole("heading", { level: 2, name: title, exact: true })
    .waitFor();
}

/** What the keyboard is on: its label, else its text. */
export async function focused(page: Page): Promise<string> {
  return await page.evaluate<string>(
    `document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent`,
  );
}

/** As a link would, and until it is there. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = ${JSON.stringify(hash)};
  })`);
}
