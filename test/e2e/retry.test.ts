/** Actors that are run again: their output appears once, their input from the beginning, and nothing of a failed try. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../lib/core/event.ts";
import type { RunResult } from "../../lib/core/result.ts";
import { makeFolder, run, runFlow, runtimes, start, until } from "./rig.ts";

const LINES = 300_000;
/** Fails after it has written everything, until it was run `times` times. */
const failing = (times: number, script = "cat"): object => ({
  sh: `${script}; echo >> tries; [ $(wc -l < tries) -ge ${times} ]`,
  retry: { max: 3, backoff: "10ms" },
});
const source = { sh: `seq ${LINES}` };

function countTries(folder: string): number {
  return readFileSync(join(folder, "tries"), "utf8").length;
}

describe.each(runtimes)("on $name", (runtime) => {
  it("a failed actor is run again, with all of its input, and its output appears once", async () => {
    const flow = {
      actors: {
        source,
        note: { value: "note\n" },
        again: {
          ...failing(3, 'cat "$SLUICE_IN_LEFT" -; head -n 1 >&3'),
          in: { left: "source", stdin: ["note", "source"] },
          outputs: { more: 3 },
        },
        lines: { run: ["wc", "-l"], in: "again" },
        all: { run: ["cat"], in: ["lines", "again.more", "again.stderr"] },
      },
      out: { "report.txt": "all" },
    };
    const folder = makeFolder({ "flow.json": flow });
    const events = join(folder, "events");
    const { code, stderr } = await run(runtime, [join(folder, "flow.json"), "--events", events]);
    expect({ code, stderr: stderr.replaceAll(/in \d+ ms/g, "soon") }).toEqual({
      code: 0,
      stderr:
        'Actor "again" failed: exit 1; try 2 of 4 soon\nActor "again" failed: exit 1; try 3 of 4 soon\n',
    });
    expect(readFileSync(join(folder, "report.txt"), "utf8")).toBe(`${2 * LINES + 1}\n`);
    expect(countTries(folder)).toBe(3);
    // The engine wrote them.
    const told = readFileSync(events, "utf8").trim().split("\n").map((line) => JSON.parse(line) as RunEvent);
    expect(told.filter(({ type }) => type === "actor-retried")).toMatchObject([
      { actor: "again", attempt: 1, attemptsMax: 4, failure: { kind: "exit", code: 1 } },
      { actor: "again", attempt: 2, attemptsMax: 4, failure: { kind: "exit", code: 1 } },
    ]);
  });

  it("nothing of a failed try is given on, and the last failure is the flow's", async () => {
    const actors = {
      again: failing(9, "echo half; echo why >&2"),
      after: { sh: 'wc -c; echo "read"', in: "again" },
    };
    const folder = makeFolder({ "flow.json": { actors, onFailure: "continue" } });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--json", "--quiet"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "0\nread\n" });
    expect(countTries(folder)).toBe(4);
    // The last line is the result.
    const result = JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as RunResult;
    expect(result.actors["again"]).toMatchObject({ state: "failed", exitCode: 1, attempts: 4 });
    expect(result.failures).toMatchObject([{ kind: "exit", actor: "again", lastLines: ["why"] }]);
  });

  it("a try that is killed or takes too long is run again", async () => {
    const script =
      "echo >> tries; case $(wc -l < tries) in 1) kill -9 $$;; 2) sleep 60;; *) echo well;; esac";
    const again = { sh: script, retry: 2, timeout: "1s" };
    const folder = makeFolder({ "flow.json": { grace: "0ms", actors: { again } } });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "well\n" });
    expect(stderr).toMatch(/SIGKILL.*; try 2 of 3.*\n.*has run for 1 s, its timeout; try 3 of 3/);
  });

  it("a limit of time that every try reaches is told, with exit code 4", async () => {
    const again = { sh: "sleep 60", retry: { max: 1, backoff: "1ms" }, timeout: "200ms" };
    const { code, stderr } = await runFlow(runtime, { grace: "0ms", actors: { again } });
    expect(code).toBe(4);
    expect(stderr).toMatch(/try 2 of 2 .*\n.*has run for 200 ms, its timeout\n/);
  });

  it("no try begins later than within", async () => {
    const again = { sh: "echo >> tries; false", retry: { max: 9, backoff: "10m", within: "1s" } };
    const folder = makeFolder({ "flow.json": { actors: { again } } });
    expect((await run(runtime, [join(folder, "flow.json")])).code).toBe(1);
    expect(countTries(folder)).toBe(1);
  });

  it("a flow is stopped while an actor waits for its next try", async () => {
    const again = { sh: "echo >> tries; false", retry: { max: 9, backoff: "10m" } };
    const folder = makeFolder({ "flow.json": { actors: { again, after: { run: ["cat"], in: "again" } } } });
    const engine = start(runtime, [join(folder, "flow.json")]);
    await until(() => engine.stderr().includes("try 2 of 10"));
    engine.child.kill("SIGTERM");
    const { code, stdout } = await engine.ended;
    expect({ code, stdout }).toEqual({ code: 143, stdout: "" });
    expect(countTries(folder)).toBe(1);
  });

  it("keeps its place when only one process may run", async () => {
    const flow = {
      limits: { processes: 1 },
      actors: {
        source,
        again: { ...failing(2), in: "source" },
        lines: { run: ["wc", "-l"], in: "again" },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${LINES}\n` });
  });

  it("a reader that leaves early is no failure of the actor, nor of its writers", async () => {
    const flow = {
      actors: {
        source,
        again: { sh: "head -n 1", in: "source", retry: 3 },
        first: { run: ["head", "-c", "1"], in: "again" },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1" });
  });

  it("output without end is told when the limits are used up", async () => {
    const flow = {
      limits: { memory: "1MiB", spill: "1MiB" },
      actors: { again: { run: ["yes"], retry: 1 }, after: { run: ["head", "-n", "1"], in: "again" } },
    };
    const { code, stdout, stderr } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("limits.spill 1 MiB");
  });

  it("an output file of the actor holds the last try alone", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { again: failing(2, "echo one") }, out: { "o.txt": "again" } },
    });
    expect((await run(runtime, [join(folder, "flow.json")])).code).toBe(0);
    expect(readFileSync(join(folder, "o.txt"), "utf8")).toBe("one\n");
    expect(existsSync(join(folder, "tries"))).toBe(true);
  });
});
