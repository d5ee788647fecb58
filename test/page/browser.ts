/**
 * A real browser for the tests of the page. Where none is installed the tests say so and are skipped.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";
import type { PageRun } from "../../lib/report/web/page_run.ts";
import { chromiumPath, launch } from "./chromium.ts";
import { PageServer } from "./page_server.ts";

export { chromiumPath };
if (chromiumPath === undefined) {
  console.warn("the page is not tested: no Chromium is installed (apt-get install chromium)");
}

let browser: Promise<Browser> | undefined;
afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A window of its own. What its page does wrong, or asks of others than its own server, fails the test. */
export async function openPage(
  url: string,
  { width = 1280, height = 800, dark = false }: Look = {},
): Promise<Page> {
  browser ??= launch();
  const context = await (await browser).newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  watch(page, new URL(url).origin);
  await page.goto(url);
  return page;
}

const mistakes = new WeakMap<Page, string[]>();

function watch(page: Page, origin: string): void {
  const found: string[] = [];
  mistakes.set(page, found);
  page.on("pageerror", (error) => found.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") found.push(message.text());
  });
  page.on("dialog", (dialog) => {
    found.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(origin) && !asked.startsWith("data:") && !asked.startsWith("file:")) {
      found.push(`asked for ${asked}`);
    }
  });
}

/** Nothing went wrong in the page. */
export async function closeWell(page: Page): Promise<void> {
  await page.context().close();
  expect(mistakes.get(page)).toEqual([]);
}

/** A server that ends with the test. */
export async function serve(run: PageRun): Promise<{ readonly server: PageServer; readonly url: string }> {
  const server = new PageServer(run);
  onTestFinished(() => server.close());
  return { server, url: await server.listen() };
}
