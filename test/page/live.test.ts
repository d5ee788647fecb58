/** The page of real runs: served by the program on each runtime, and as the file of a report. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { diamond, LINES, SOURCE } from "../e2e/diamond.ts";
import { makeFolder, root, run, runtimes, start, until } from "../e2e/rig.ts";
import type { Runtime } from "../e2e/rig.ts";
import { actor } from "../e2e/scripted.ts";
import { chromiumPath, closeWell, openPage } from "./browser.ts";

/** A run whose page stays until it is told to end, or the test has ended. */
async function serveRun(runtime: Runtime, args: readonly string[]) {
  const started = start(runtime, [...args, "--ui", "--ui-stay"]);
  const { child, ended } = started;
  onTestFinished(() => void child.kill("SIGKILL")); // Its watchdog ends the others.
  const address = (): string | undefined => /^page: (\S+)/m.exec(started.stderr())?.[1];
  await until(() => address() !== undefined, started.stderr);
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await ended;
  };
  return { child, stop, url: address() ?? "" };
}

describe.skipIf(chromiumPath === undefined).each(runtimes)("on $name", (runtime) => {
  it("names the actor that holds a flow up while it runs", async () => {
    const flow = join(root, "examples", "slow", "flow.json");
    const { url, child, stop } = await serveRun(runtime, [flow, "--set", "count=100000000"]);
    const page = await openPage(url);
    await page.getByText("steps sets the pace: it works").waitFor();
    await page.getByRole("button", { name: "Show steps" }).click();
    await page.getByRole("complementary", { name: "Actor" }).getByRole("meter", { name: "Fill: full" })
      .first()
      .waitFor();
    child.kill("SIGINT");
    await page.getByText("stopped", { exact: false }).first().waitFor();
    await stop();
    await closeWell(page);
  });

  it("tells of a failure, and of buffers that had to grow before", async () => {
    const cat = { run: ["cat"], in: "src" };
    const last = { sh: 'echo "read $(wc -l) lines" >&2; exit 3', in: ["a", "b"] };
    const folder = makeFolder({ "flow.json": { actors: { src: SOURCE, a: cat, b: cat, join: last } } });
    const { url, stop } = await serveRun(runtime, [join(folder, "flow.json")]);
    const page = await openPage(url);
    await page.getByText(/Failed: .*join/).waitFor();
    await page.getByRole("tab", { name: /^Events/ }).click();
    const happened = page.getByRole("region", { name: "What happened" });
    await happened.getByText(/may hold .* now/).first().waitFor();
    expect(await happened.getByText("Failure").count()).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Show join" }).click();
    const panel = page.getByRole("complementary", { name: "Actor" });
    await panel.locator(".state").getByText("failed: exit 3").waitFor();
    expect(await panel.getByLabel("Standard error").textContent()).toBe(`read ${2 * LINES} lines`);
    await stop();
    await closeWell(page);
  });

  it("tells of messages that are not as the flow says", async () => {
    const wrong = [["send", "b", "Deposit", { amount: "x" }]] as const;
    const flow = {
      actors: { a: actor(wrong), b: actor([], { accepts: { Deposit: { amount: "number" } } }) },
    };
    const folder = makeFolder({ "flow.json": flow });
    const { url, stop } = await serveRun(runtime, [join(folder, "flow.json"), "--check-messages"]);
    const page = await openPage(url);
    await page.getByRole("tab", { name: /^Events/ }).click();
    const happened = page.getByRole("region", { name: "What happened" });
    await happened.getByText("Not delivered: INVALID").waitFor();
    await happened.getByText('field "amount" is a string (expected number)').first().waitFor();
    await stop();
    await closeWell(page);
  });

  it("shows a report, a file, without any server", async () => {
    const folder = makeFolder({ "flow.json": diamond({ run: ["cat"] }) });
    const file = join(folder, "run.html");
    const { code } = await run(runtime, [join(folder, "flow.json"), "--report", file]);
    expect(code).toBe(0);
    const page = await openPage(pathToFileURL(file).href);
    await page.getByText("4 of 4 actors ended").waitFor();
    const names = await page.getByRole("listbox", { name: "Actors" }).locator(".name").allTextContents();
    expect(names.toSorted()).toEqual(["a", "b", "join", "src"]);
    await page.getByRole("tab", { name: /^Events/ }).click();
    await page.getByText(/may hold .* now/).first().waitFor();
    await closeWell(page);
  });
});
