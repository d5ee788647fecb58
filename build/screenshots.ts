/**
 * The pictures of the page in `docs/pictures`: `npm run screenshots`. Real runs, in a real browser.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Browser, Page } from "playwright-core";
import { ROOT } from "../test/house/source_files.ts";
import { launch } from "../test/page/chromium.ts";

interface Shot {
  readonly name: string;
  readonly flow: string | object;
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** Waits for what is to be seen, and chooses it. */
  readonly show: (page: Page) => Promise<void>;
}

const example = (name: string): string => join(ROOT, "examples", name, "flow.json");

const HANGS = {
  name: "hangs",
  limits: { memory: "1MB", spill: "1MB" },
  actors: {
    numbers: { run: ["seq", "9000000"], explain: "Writes to both" },
    total: {
      run: ["awk", "{ sum += $1 } END { print sum }"],
      in: "numbers",
      explain: "Says something at the end",
    },
    details: { run: ["cat"], in: "numbers", explain: "Has to be kept until then" },
    report: { run: ["cat"], in: ["total", "details"] },
  },
};

const FAILS = {
  name: "fails",
  actors: {
    orders: { sh: "for i in $(seq 20000); do echo $i,$((i % 7)); done" },
    priced: { run: ["awk", "-F,", '{ print $0 "," $1 * 3 }'], in: "orders" },
    checked: {
      sh: "head -n 9000 > /dev/null; echo 'line 9001: <no price>' >&2; echo 'giving up' >&2; exit 3",
      in: "priced",
      explain: "Refuses what is not right",
    },
  },
};

const slow = async (page: Page): Promise<void> => {
  await page.getByText("steps sets the pace").waitFor();
  await page.waitForTimeout(3_000);
};
const ended = async (page: Page): Promise<void> => {
  await page.locator(".badge", { hasText: /done|failed|stopped/ }).waitFor();
};

const SHOTS: readonly Shot[] = [
  { name: "run", flow: example("slow"), args: ["--set", "count=9000000"], show: slow },
  { name: "run-dark", flow: example("slow"), args: ["--set", "count=9000000"], dark: true, show: slow },
  {
    name: "run-narrow",
    flow: example("slow"),
    args: ["--set", "count=9000000"],
    width: 390,
    height: 844,
    show: slow,
  },
  {
    name: "deadlock",
    flow: HANGS,
    show: async (page) => {
      await page.getByText("Deadlock:").first().waitFor();
      await page.waitForTimeout(500);
    },
  },
  {
    name: "failure",
    flow: FAILS,
    dark: true,
    show: async (page) => {
      await ended(page);
      await page.getByRole("option", { name: /checked/ }).click();
    },
  },
  {
    name: "bank",
    flow: example("bank"),
    show: async (page) => {
      await ended(page);
      await page.getByRole("tab", { name: /Messages/ }).click();
      await page.getByRole("option").first().click();
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), "screenshots-"));
const pictures = join(ROOT, "docs", "pictures");
mkdirSync(pictures, { recursive: true });
const only = process.argv.slice(2);
const browser = await launch();
try {
  for (const shot of SHOTS) if (only.length === 0 || only.includes(shot.name)) await take(browser, shot);
  if (only.length === 0 || only.includes("report")) await takeReport(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function take(browser: Browser, shot: Shot): Promise<void> {
  const file = typeof shot.flow === "string" ? shot.flow : join(folder, `${shot.name}.json`);
  if (typeof shot.flow !== "string") writeFileSync(file, JSON.stringify(shot.flow));
  const args = [join(ROOT, "mod.ts"), file, ...shot.args ?? [], "--ui", "--ui-stay"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const closed = new Promise((done) => child.once("close", done));
  try {
    const url = await new Promise<string>((found, fail) => {
      let text = "";
      child.stderr.setEncoding("utf8").on("data", (piece: string) => {
        const [, url] = /^page: (\S+)/m.exec(text += piece) ?? [];
        if (url !== undefined) found(url);
      });
      child.once("close", () => fail(new Error(text)));
    });
    await photograph(browser, url, shot);
  } finally {
    child.kill("SIGINT");
    child.kill("SIGTERM");
    await closed;
  }
}

async function takeReport(browser: Browser): Promise<void> {
  const report = join(folder, "run.html");
  const args = [join(ROOT, "mod.ts"), example("slow"), "--set", "count=60000", "--report", report, "--quiet"];
  await new Promise((done) => spawn(process.execPath, args, { stdio: "ignore" }).once("close", done));
  const show = async (page: Page): Promise<void> => {
    await ended(page);
    await page.getByText("How this is decided").click();
  };
  await photograph(browser, `file://${report}`, { name: "report", flow: "", show });
}

async function photograph(
  browser: Browser,
  url: string,
  { name, dark = false, width = 1280, height = 800, show }: Shot,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(".app").waitFor();
  await show(page);
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(pictures, `page-${name}.png`) });
  await context.close();
}
