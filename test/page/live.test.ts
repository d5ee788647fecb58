/** The page of real runs, served by the program on each runtime. */
import { join } from "node:path";
import { describe, it } from "vitest";
import { root, runtimes, start, until } from "../e2e/rig.ts";
import type { Runtime } from "../e2e/rig.ts";
import { chromiumPath, closeWell, openPage } from "./browser.ts";

async function serveRun(runtime: Runtime, args: readonly string[]) {
  const started = start(runtime, [...args, "--ui", "--ui-stay"]);
  const address = (): string | undefined => /^page: (\S+)/m.exec(started.stderr())?.[1];
  await until(() => address() !== undefined, started.stderr);
  return { ...started, url: address() ?? "" };
}

describe.skipIf(chromiumPath === undefined).each(runtimes)("on $name", (runtime) => {
  it("names the actor that holds a flow up while it runs", async () => {
    const flow = join(root, "examples", "slow", "flow.json");
    const { url, child, ended } = await serveRun(runtime, [flow, "--set", "count=100000000"]);
    const page = await openPage(url);
    await page.getByText("steps sets the pace: it works").waitFor();
    await page.getByRole("button", { name: "Show steps" }).click();
    await page.getByRole("complementary", { name: "Actor" }).getByRole("meter", { name: "Fill: full" })
      .first()
      .waitFor();
    child.kill("SIGINT");
    await page.getByText("stopped", { exact: false }).first().waitFor();
    child.kill("SIGINT");
    await ended;
    await closeWell(page);
  });
});
