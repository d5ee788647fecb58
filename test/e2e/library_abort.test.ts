/** A run that its caller stops says so, with the caller's reason, whenever that was. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runScript } from "./library_rig.ts";
import { leftovers, makeFolder, runtimes } from "./rig.ts";

describe.each(runtimes)("run() on $name", (runtime) => {
  it("tells who has aborted it as a failure: before, while and after it ran, and twice", async () => {
    const cwd = makeFolder();
    const said = await runScript(
      runtime,
      `
      const long = flow({ actors: { a: { sh: "touch started; exec sleep 4715" } }, out: { "out.txt": "a" } });
      const aborted = (reason) => { const stop = new AbortController(); stop.abort(reason); return stop.signal; };
      const during = async (reason, { more, key = "signal" } = {}) => {
        const stop = new AbortController();
        const result = await run(long, {
          [key]: stop.signal,
          onEvent: ({ type }) => {
            if (type !== "actor-started") return;
            stop.abort(reason);
            if (more !== undefined) stop.abort(more);
          },
        });
        const { state, exitCode, failures, outputs: [{ isKept }], actors } = result;
        return [state, exitCode, failures, isKept, actors.a.state];
      };
      const before = await run(long, { signal: aborted(new Error("never")) });
      said.before = [before.state, before.exitCode, before.failures, before.actors.a.state];
      said.kill = (await run(long, { killSignal: aborted("at once") })).failures;
      said.startedBefore = readdirSync(".");
      said.during = await during(new Error("enough"));
      said.twice = await during("first", { more: "second" });
      said.killed = await during("now", { key: "killSignal" });
      said.signal = await during("SIGINT");
      said.name = await during("toString");
      said.nothing = (await during(Object.create(null)))[2];
      said.timeout = (await run(long, { signal: AbortSignal.timeout(1) })).failures.map(({ kind }) => kind);
      const late = new AbortController();
      const done = await run(hello, { stdout: "ignore", signal: late.signal });
      late.abort("late");
      said.after = [done.state, done.exitCode, done.failures];
      const failed = await run(flow({ actors: { a: { sh: "exit 3" } } }), {
        signal: late.signal, onEvent: () => undefined,
      });
      said.again = failed.failures.map(({ kind }) => kind);
      `,
      { cwd },
    );
    const stopped = (...failures: readonly object[]): unknown => ["stopped", 143, failures, false, "stopped"];
    expect(said).toEqual({
      before: ["stopped", 143, [{ kind: "abort", reason: "never" }], "waiting"],
      kill: [{ kind: "abort", reason: "at once" }],
      startedBefore: [],
      during: stopped({ kind: "abort", reason: "enough" }),
      twice: stopped({ kind: "abort", reason: "first" }),
      killed: stopped({ kind: "abort", reason: "now" }),
      signal: ["stopped", 130, [], false, "stopped"],
      name: stopped({ kind: "abort", reason: "toString" }),
      nothing: [{ kind: "abort", reason: "object" }],
      timeout: ["abort"],
      after: ["done", 0, []],
      again: ["abort"],
    });
    expect(leftovers()).toEqual([]);
    expect(existsSync(join(cwd, "out.txt"))).toBe(false);
  });
});
