/** The page in a real browser: what it shows of runs that run, wait, hang, fail; by eye, by keyboard, by screen reader. */
import { expect, test as anyTest } from "vitest";
import type { PageRun } from "../../lib/report/web/page_run.ts";
import { pageActor, pageRun, pieces, START } from "../report/web/page_runs.ts";
import { chromiumPath, closeWell, openPage, serve } from "./browser.ts";

const test = anyTest.skipIf(chromiumPath === undefined);

const EVIL = `<img src=x onerror=alert(1)><script>alert(2)</script>&quot;'"\u001b[31m\u202e</pre>`;

function edge(id: number, fromActor: string, toActor: string, more: Partial<PageRun["edges"][number]> = {}) {
  return {
    id,
    from: fromActor,
    fromActor,
    to: toActor,
    toActor,
    carrier: "relay",
    reason: "it is told",
    isOnCycle: false,
    state: "open",
    ...more,
  } as const;
}

const SLOW = pageRun({
  mayControl: true,
  actors: [
    pageActor("source", { waiting: { does: "write", waitsFor: "slow", since: START, edge: 1 } }),
    pageActor("slow", { cpuMs: 9_800, stderr: ["a line"], stderrCount: 1, explain: "works" }),
    pageActor("last", { waiting: { does: "read", waitsFor: "slow", since: START, edge: 2 } }),
  ],
  edges: [
    edge(1, "source", "slow", { heldBytes: 65_536, capacityBytes: 65_536, waits: "writer", rate: 1_000 }),
    edge(2, "slow", "last", { waits: "reader" }),
  ],
  pieces: pieces("source writes slow 0-", "last reads slow 0-"),
});

test("the page says why it is slow, and leads to who is to blame", async () => {
  const { server, url } = await serve(SLOW);
  const page = await openPage(url);
  await page.getByText("slow sets the pace: it works 100 % of the time").waitFor();
  await page.getByRole("button", { name: "Show slow" }).click();
  const panel = page.getByRole("complementary", { name: "Actor" });
  await panel.getByRole("heading", { name: "slow", exact: true }).waitFor();
  expect(await panel.getByLabel("Standard error").textContent()).toBe("a line");
  expect(await panel.getByRole("meter", { name: "Fill: full" }).count()).toBe(1);
  await panel.getByRole("button", { name: "Pause" }).click();
  await expect.poll(() => server.orders).toEqual(['{"actor":"slow","does":"pause"}']);
  await page.getByText("How this is decided").click();
  expect(await page.getByRole("row", { name: /slow 100 % 10 s 10 s 98 %/ }).count()).toBe(1);
  await closeWell(page);
});

test("the page follows a run: it fails, and that is said aloud", async () => {
  const { server, url } = await serve(SLOW);
  const page = await openPage(url);
  await page.getByText("running", { exact: false }).first().waitFor();
  server.change({
    actors: [{ name: "slow", state: "failed", exitCode: 3, endedAt: START + 11_000 }],
    failures: [{ at: START + 11_000, kind: "exit", actor: "slow", text: 'Actor "slow" failed: exit 3' }],
    growths: [{ at: START + 10_500, from: "source", to: "slow", edge: 1, capacity: 131_072 }],
    run: { state: "failed", exitCode: 1, endedAt: START + 11_000, at: START + 11_000 },
  });
  await page.getByText('Failed: Actor "slow" failed: exit 3').waitFor();
  await expect.poll(() => page.getByRole("status").allTextContents()).toContain("The run is failed.");
  await page.getByRole("tab", { name: "Events 2" }).click();
  await page.getByText("source → slow may hold 128 KiB now").waitFor();
  await page.getByRole("button", { name: "Failed 1" }).click();
  const options = page.getByRole("listbox", { name: "Actors" }).getByRole("option");
  await expect.poll(() => options.count()).toBe(1);
  await closeWell(page);
});

test("the page shows a deadlock as a ring", async () => {
  const ring = { id: 1, kind: "deadlock", at: START, steps: [], actors: ["source", "last"] } as const;
  const { url } = await serve({ ...SLOW, rings: [ring] });
  const page = await openPage(url, { dark: true });
  await page.getByText("Deadlock: source waits for last, last waits for source.").waitFor();
  await page.getByRole("tab", { name: "Events 1" }).click();
  await page.getByText("Deadlock: a ring that nobody can open").waitFor();
  await closeWell(page);
});

test("what comes from processes is text, wherever it is shown", async () => {
  const message = {
    number: 1,
    at: START,
    step: "sent",
    id: EVIL,
    type: EVIL,
    sender: EVIL,
    receiver: EVIL,
    bytes: 1,
  } as const;
  const { url } = await serve(pageRun({
    run: { ...pageRun().run, flow: EVIL, engine: EVIL },
    actors: [
      pageActor(EVIL, { command: EVIL, explain: EVIL, stderr: [EVIL], stderrCount: 1 }),
      pageActor("b"),
    ],
    edges: [edge(1, EVIL, "b", { reason: EVIL })],
    failures: [{ at: START, kind: "exit", actor: EVIL, text: EVIL }],
    messages: [message],
    talks: [{ from: EVIL, to: "b", words: [EVIL] }],
    pieces: pieces("b reads x 0-"),
  }));
  const page = await openPage(url);
  await page.getByRole("listbox", { name: "Actors" }).getByRole("option").first().click();
  expect(await page.getByLabel("Standard error").textContent()).toContain(
    "<img src=x onerror=alert(1)><script>",
  );
  for (const view of ["Time line", "Messages 1", "Events 1", "Graph"]) {
    await page.getByRole("tab", { name: view }).click();
  }
  expect(await page.locator("img, #page script").count()).toBe(0);
  await closeWell(page);
});

test("the page is used by keyboard alone", async () => {
  const { url } = await serve(SLOW);
  const page = await openPage(url);
  await page.getByRole("listbox", { name: "Actors" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("la");
  await expect.poll(() => page.getByRole("option").count()).toBe(1);
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("option").count()).toBe(3);
  await page.getByRole("listbox", { name: "Actors" }).focus();
  for (const key of ["Home", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await page.getByRole("complementary", { name: "Actor" }).getByRole("heading", { name: "slow" }).waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("complementary").count()).toBe(0);
  await page.getByRole("application", { name: "Graph of 3 actors" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.locator("#graph-focused").textContent()).toBe("slow: works");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Actor" }).waitFor();
  await closeWell(page);
});

test("everything that is used has a name and a role, and the page fits a telephone", async () => {
  const { url } = await serve(SLOW);
  const page = await openPage(url, { width: 390, height: 844 });
  await page.getByRole("listbox", { name: "Actors" }).waitFor();
  const nameless = await page.evaluate(`[...document.querySelectorAll("button, input, [role], [tabindex]")]
    .filter((each) => (each.getAttribute("aria-label") ?? each.textContent).trim() === "" &&
      each.getAttribute("role") !== "status" && each.labels?.length !== 1)
    .map((each) => each.outerHTML)`);
  expect(nameless).toEqual([]);
  const width = await page.evaluate("document.documentElement.scrollWidth");
  expect(width).toBe(390);
  await closeWell(page);
});

test("a message is followed through the actors", async () => {
  const step = (number: number, id: string, sender: string, receiver: string, correlationId?: string) => ({
    number,
    at: START + number,
    step: "sent" as const,
    id,
    type: "Ask",
    sender,
    receiver,
    bytes: 9,
    ...correlationId === undefined ? {} : { correlationId },
  });
  const { url } = await serve({
    ...SLOW,
    messages: [
      step(1, "m1", "source", "slow"),
      step(2, "m2", "last", "slow"),
      step(3, "m3", "slow", "source", "m1"),
    ],
  });
  const page = await openPage(url);
  await page.getByRole("tab", { name: "Messages 3" }).click();
  const list = page.getByRole("listbox", { name: "Messages" });
  await list.getByRole("option").first().click();
  await page.getByText("source → slow → source, 2 ms").waitFor();
  const way = page.getByRole("listbox", { name: "The way of a message" }).getByRole("option");
  await expect.poll(() => way.count()).toBe(2);
  await closeWell(page);
});
