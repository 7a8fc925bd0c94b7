import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Probe } from "./lane.ts";

const OWN = join(import.meta.dirname, "../../.work/servers/chromium/bin/chromium-headless-shell");
const NAMES = ["chromium-headless-shell", "chromium", "google-chrome"] as const;

/** Says why there is no Chromium. */
export const needsChromium: Probe = () =>
  findChromium() === undefined
    ? `none of ${NAMES.join(", ")} is on PATH, nor is it there by npm run servers:debian -- chromium`
    : undefined;

/** A page that is looked at, and what it did besides showing itself. */
export interface OpenedPage {
  readonly page: Page;
  /** Addresses that it asked for, its own left out. */
  readonly requests: readonly string[];
  /** What it wrote to the console, and what it threw. */
  readonly complaints: readonly string[];
}

/** Starts a headless browser. Nothing is downloaded: it must be there. */
export async function startChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("There is no Chromium here.");
  // In containers there are no namespaces for its sandbox; it sees our own pages only.
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Opens a file in a new window. */
export async function openPage(
  browser: Browser,
  file: string,
  options: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenedPage> {
  const { hash = "", ...context } = options;
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...context });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (!request.isNavigationRequest()) requests.push(request.url());
  });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  await page.goto(`file://${file}${hash}`);
  return { page, requests, complaints };
}

function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":");
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [OWN, ...found].find((path) => existsSync(path));
}
