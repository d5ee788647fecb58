/**
 * What is told of a run is read by the parsers of those it is for: the OpenTelemetry collector's own of OTLP, and
 * Prometheus' own of its text format (Go modules, `test/fixtures/telemetry`).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { ask, startPage, untilRun } from "./page_rig.ts";
import { makeFolder, root, run, runtimes, until } from "./rig.ts";
import { actor } from "./scripted.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-parse-"));
const parser = join(folder, "parse");
let why: string | undefined;

beforeAll(() => {
  const { error, status, stderr } = spawnSync("go", ["build", "-o", parser, "."], {
    cwd: join(root, "test/fixtures/telemetry"),
    encoding: "utf8",
  });
  if (error !== undefined) why = `there is no Go to build the parsers with: ${error.message}`;
  else if (status !== 0) why = `the parsers cannot be built: ${stderr}`;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Parsed {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** What a parser has found in a body, sorted by names; it has to understand all of it. */
function parse(what: "metrics" | "traces" | "figures", body: string): readonly Parsed[] {
  const { status, stdout, stderr } = spawnSync(parser, [what], { input: body, encoding: "utf8" });
  expect({ status, stderr, body: status === 0 ? "" : body }).toEqual({ status: 0, stderr: "", body: "" });
  const found = stdout.trimEnd().split("\n").filter((line) => line !== "");
  return found.map((line) => JSON.parse(line) as Parsed).toSorted((a, b) => a.name < b.name ? -1 : 1);
}

function skipWithoutParser({ skip }: TestContext): void {
  if (why !== undefined) skip(why);
}

const ODD = 'quotes " and \\ and \u00fc';

describe.each(runtimes)("on $name", (runtime) => {
  test("spans and figures of --otlp are what the collector reads", async (context) => {
    skipWithoutParser(context);
    const bodies = new Map<string, string[]>();
    const server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (more: string) => text += more).on("end", () => {
        bodies.set(request.url ?? "", [...bodies.get(request.url ?? "") ?? [], text]);
        response.end("{}");
      });
    });
    await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cwd = makeFolder({
      "flow.json": {
        name: "told",
        onFailure: "continue",
        actors: {
          again: { sh: "test -e ran || { touch ran; exit 7; }; seq 1000", retry: { max: 1, backoff: "1ms" } },
          counts: { run: ["wc", "-l"], in: "again" },
          fails: { run: ["sh", "-c", "exit 3", ODD] },
          asks: actor([["ask", "tells", "Ask", { do: [["reply", "Told", {}]] }, 20_000]]),
          tells: actor(),
        },
      },
    });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const { code } = await run(runtime, ["flow.json", "--quiet", "--otlp", url], {
      cwd,
      env: { TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01` },
    });
    server.close();
    expect(code).toBe(1);
    const spans = (bodies.get("/v1/traces") ?? []).flatMap((body) => parse("traces", body));
    const span = (name: string): Parsed => {
      const found = spans.find((each) => each.name === name);
      return found ?? expect.fail(`no span ${name} among ${spans.map((each) => each.name).join(", ")}`);
    };
    expect(new Set(spans.map(({ trace, service }) => `${service} ${trace}`))).toEqual(
      new Set([`sluice ${traceId}`]),
    );
    expect(span("run told")).toMatchObject({ parent: "b7ad6b7169203331", status: "Error", kind: "Internal" });
    expect(span("again try 1")).toMatchObject({ parent: span("again")["span"], status: "Error" });
    expect(span("fails")).toMatchObject({
      parent: span("run told")["span"],
      status: "Error",
      attributes: { "process.exit.code": 3, "process.command_args": ["sh", "-c", "exit 3", ODD] },
    });
    expect(span("counts")).toMatchObject({ status: "Ok", attributes: { "sluice.actor.state": "done" } });
    expect(span("Ask tells")).toMatchObject({ parent: span("asks")["span"], kind: "Producer", status: "Ok" });
    expect(spans.filter(({ nanoseconds }) => Number(nanoseconds) < 0)).toEqual([]);
    const figures = parse("figures", bodies.get("/v1/metrics")?.at(-1) ?? "");
    const like = (name: string, attributes: object, value: number) => ({
      name,
      attributes,
      value,
      type: "Sum",
      temporality: "Cumulative",
      isMonotonic: true,
    });
    expect(figures).toEqual(expect.arrayContaining([
      expect.objectContaining(like("sluice.actors", { "sluice.actor.state": "failed" }, 1)),
      expect.objectContaining(like("sluice.failures", { "sluice.failure.kind": "exit" }, 1)),
      expect.objectContaining(like("sluice.restarts", { "sluice.actor.name": "again" }, 1)),
    ]));
  });

  test("/metrics is what Prometheus reads, whatever actors and files are called", async (context) => {
    skipWithoutParser(context);
    const cwd = makeFolder({
      "flow.json": {
        name: ODD,
        sets: { word: { values: ["a b", ODD, "new\nline"] } },
        actors: {
          each: {
            each: "word",
            run: ["sh", "-c", "echo $0; until test -e go; do sleep 0.05; done", "{word}"],
          },
          all: { run: ["cat"], in: "each" },
          talks: actor([["send", "hears", "Hello", {}]]),
          hears: actor(),
        },
        out: { "all.txt": "all" },
      },
    });
    const page = await startPage(runtime, ["flow.json", "--ui", "--quiet"], { cwd });
    await untilRun(page, ({ actors }) => actors.filter(({ state }) => state === "running").length >= 4);
    const { status, text, headers } = await page.get("/metrics");
    expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    const found = parse("metrics", text);
    expect(found).toEqual(expect.arrayContaining([
      expect.objectContaining({
        name: "sluice_run_info",
        labels: expect.objectContaining({ sluice_flow_name: ODD }),
      }),
    ]));
    const names = new Set(found.map(({ name }) => name));
    expect(names).toContain("sluice_actors_now");
    // What Prometheus calls a counter ends in _total, and nothing else does.
    expect(found.filter(({ name, type }) => (type === "COUNTER") !== name.endsWith("_total"))).toEqual([]);
    expect((await ask(page.port, "/metrics")).status).toBe(403);
    writeFileSync(join(cwd, "go"), "");
    await page.ended;
    await until(() => page.child.exitCode === 0);
  });
});
