/** `--ui`, `--report` and `sluice ui`: a run as a page. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applyChange } from "../../lib/report/web/apply_change.ts";
import type { PageChange } from "../../lib/report/web/page_change.ts";
import type { PageLayout } from "../../lib/report/web/page_layout.ts";
import type { PageRun } from "../../lib/report/web/page_run.ts";
import { ask, startPage, untilRun } from "./page_rig.ts";
import { makeFolder, run, runtimes, until } from "./rig.ts";

/** `slow` is not done before there is a file `go`; what `src` writes comes to it and to `fast`. */
const SLOW = {
  name: "slow flow",
  params: { token: { secret: true, env: "TOKEN" } },
  actors: {
    src: { run: ["sh", "-c", "echo $0 >&2; head -c 40000000 /dev/zero", "{param.token}"] },
    fast: { sh: "cat > /dev/null", in: "src" },
    slow: { sh: "until test -e go; do sleep 0.02; done; cat > /dev/null", in: "src" },
  },
};

function reportIn(file: string): PageRun {
  const [, text = ""] =
    /<script type="application\/json" id="run">([\s\S]*?)<\/script>/.exec(readFileSync(file, "utf8")) ?? [];
  return JSON.parse(text) as PageRun;
}

describe.each(runtimes)("the page on $name", (runtime) => {
  test("shows a run as it goes on: who waits where, how full edges are, and how it has ended", async () => {
    const cwd = makeFolder({ "flow.json": SLOW });
    const page = await startPage(runtime, ["flow.json", "--ui", "--report", "run.html"], {
      cwd,
      env: { TOKEN: "s3cret-word" },
    });
    const stuck = await untilRun(
      page,
      ({ actors, edges }) =>
        actors.find(({ name }) => name === "src")?.waiting?.waitsFor === "slow" &&
        actors.some(({ stderr }) => stderr.length > 0) &&
        edges.some(({ toActor, waits, heldBytes = 0, capacityBytes }) =>
          toActor === "slow" && waits === "writer" && heldBytes > 0 && heldBytes === capacityBytes
        ),
    );
    const full = stuck.edges.find(({ toActor }) => toActor === "slow");
    expect(full).toMatchObject({ from: "src", to: "slow", carrier: "relay", state: "open" });
    expect(full?.waits).toBe("writer");
    expect(stuck.actors.find(({ name }) => name === "src")).toMatchObject({
      state: "running",
      stderr: ["***"],
      waiting: { does: "write", edge: full?.id, waitsFor: "slow" },
    });
    expect(stuck.run).toMatchObject({ flow: "slow flow", state: "running" });
    const { text } = await page.get("/layout");
    const layout = JSON.parse(text) as PageLayout;
    expect(layout.nodes.map(({ name }) => name).toSorted()).toEqual(["-", "fast", "slow", "src"]);

    // Somebody follows to the end.
    const followed = page.get("/events");
    writeFileSync(join(cwd, "go"), "");
    const { code, stderr } = await page.ended;
    expect({ code, last: stderr.split("\n").filter((line) => line.includes("sluice:")) }).toEqual({
      code: 0,
      last: [],
    });
    const events = (await followed).text.split("\n\n").filter((event) => event !== "");
    const data = events.map((event) => event.slice(event.indexOf("data: ") + 6));
    expect(events[0]).toMatch(/^event: snapshot\n/);
    const first = JSON.parse(data[0] ?? "") as PageRun;
    const last = data.slice(1).map((each) => JSON.parse(each) as PageChange).reduce(applyChange, first);
    expect(last.run).toMatchObject({ state: "done", exitCode: 0 });
    expect(last.actors.map(({ state }) => state)).toEqual(["done", "done", "done"]);
    expect(last.layout?.nodes.length).toBe(4);
    expect(data.join("")).not.toContain("s3cret");
    const report = reportIn(join(cwd, "run.html"));
    expect(report).toMatchObject({ use: "report", mayControl: false, run: { state: "done" } });
    expect(report.actors.find(({ name }) => name === "slow")?.startedAt).toBeGreaterThan(0);
    expect(readFileSync(join(cwd, "run.html"), "utf8")).not.toContain("s3cret");
    expect(readdirSync(cwd).toSorted()).toEqual(["flow.json", "go", "run.html"]);
  });

  test("of a captured run shows what was captured, and the bytes of its streams", async () => {
    const flow = {
      actors: { a: { sh: "seq 50000; echo hm >&2" }, b: { sh: "tail -n 1; exit 3", in: "a" } },
    };
    const cwd = makeFolder({ "flow.json": flow });
    expect((await run(runtime, ["flow.json", "--db", "run.db"], { cwd })).code).toBe(1);
    const page = await startPage(runtime, ["ui", "run.db"], { cwd });
    const shown = JSON.parse((await page.get("/run.json")).text) as PageRun;
    expect(shown).toMatchObject({ use: "captured", run: { state: "failed", exitCode: 1, number: 1 } });
    expect(shown.actors).toMatchObject([
      { name: "a", state: "done", stderr: ["hm"] },
      { name: "b", state: "failed", exitCode: 3 },
    ]);
    expect(shown.edges).toMatchObject([{ from: "a", to: "b" }]);
    expect(shown.failures).toMatchObject([{ kind: "exit", actor: "b" }]);
    const part = async (query: string) => {
      const { status, text, headers } = await page.get(`/stream?${query}`);
      return [status, text.slice(0, 6), text.slice(-6), headers["x-sluice-size"], headers["x-sluice-from"]];
    };
    expect(await part("name=a&part=head")).toEqual([200, "1\n2\n3\n", expect.any(String), "288894", "0"]);
    expect((await part("name=a&part=tail")).slice(2)).toEqual(["50000\n", "288894", "223358"]);
    expect(await part("name=a&from=288888")).toEqual([200, "50000\n", "50000\n", "288894", "288888"]);
    expect((await part("name=nobody"))[0]).toBe(404);
    expect((await part("name=a&from=-1"))[0]).toBe(404);
    page.child.kill("SIGINT");
    expect((await page.ended).code).toBe(0);

    expect(await run(runtime, ["ui", "run.db", "1", "--report", "run.html"], { cwd })).toMatchObject({
      code: 0,
    });
    const report = reportIn(join(cwd, "run.html"));
    expect(report.streams.find(({ name }) => name === "a")).toMatchObject({
      bytes: 288_894,
      head: expect.stringMatching(/^1\n2\n/) as string,
      tail: expect.stringMatching(/\n50000\n$/) as string,
    });
  });

  test("pauses, resumes and stops an actor, where it may", async () => {
    // It starts nothing: a shell that is halted while it does is seen in another state.
    const flow = { actors: { a: { run: ["sleep", "1000"] } } };
    const cwd = makeFolder({ "flow.json": flow });
    const page = await startPage(runtime, ["flow.json", "--ui", "--ui-control"], { cwd });
    const order = async (actor: string, does: string) => {
      const { status, text } = await ask(page.port, "/control", {
        method: "POST",
        headers: { authorization: `Bearer ${page.token}`, "content-type": "application/json" },
        body: JSON.stringify({ actor, does }),
      });
      return [status, text];
    };
    const running = await untilRun(page, ({ actors }) => actors[0]?.state === "running");
    const pid = running.actors[0]?.pid;
    const stateOf = () => /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
    expect(await order("nobody", "pause")).toEqual([409, 'Cannot pause "nobody": no process of it runs\n']);
    expect(await order("a", "pause")).toEqual([204, ""]);
    await until(() => stateOf() === "T");
    await untilRun(page, ({ actors }) => actors[0]?.isPaused === true);
    expect(await order("a", "resume")).toEqual([204, ""]);
    await until(() => stateOf() !== "T");
    expect(await order("a", "pause")).toEqual([204, ""]);
    expect(await order("a", "stop")).toEqual([204, ""]);
    const { code, stderr } = await page.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('Actor "a" failed: ended by signal SIGTERM');
  });

  test("is refused with a reason where it cannot be", async () => {
    const cwd = makeFolder({ "flow.json": { actors: { a: { sh: "touch ran" } } } });
    const told = async (...args: string[]) => {
      const { code, stderr } = await run(runtime, ["flow.json", ...args], { cwd });
      return [code, stderr.split("\n")[0]];
    };
    expect(await told("--ui-control")).toEqual([
      2,
      "sluice: Cannot use --ui-control: there is no page (expected --ui beside it)",
    ]);
    expect(await told("--ui=here:x")).toEqual([
      2,
      'sluice: Cannot serve the page at "here:x" (expected --ui HOST:PORT, such as --ui 127.0.0.1:4000)',
    ]);
    expect(await told("--ui", "192.0.2.1:4000")).toEqual([
      2,
      expect.stringMatching(/^sluice: Cannot serve the page at "192\.0\.2\.1:4000": /),
    ]);
    expect(await told("--report", "no/such/run.html")).toEqual([
      2,
      expect.stringMatching(/^sluice: Cannot write the report to "no\/such\/run.html": /),
    ]);
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  });
});
