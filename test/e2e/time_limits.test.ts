/** Limits of time: of an actor, of the flow, and of an actor that stalls. */
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { leftovers, runFlow, runtimes } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("ends an actor at its timeout: exit 4, with what everybody was doing", async () => {
    const flow = {
      actors: {
        src: { sh: "echo begun; sleep 100", timeout: "300ms" },
        next: { run: ["cat"], in: "src" },
      },
    };
    const { code, stderr } = await runFlow(runtime, flow);
    expect(code).toBe(4);
    expect(stderr).toContain('Actor "src" has run for 300 ms, its timeout');
    expect(stderr).toMatch(/next +waits: reads next/);
    expect(leftovers()).toEqual([]);
  });

  it("ends a flow at its timeout, an actor that ignores SIGTERM too", async () => {
    const flow = {
      timeout: "500ms",
      grace: "200ms",
      actors: { deaf: { sh: "trap '' TERM; while :; do sleep 0.1; done" } },
    };
    const { code, stderr } = await runFlow(runtime, flow);
    expect(code).toBe(4);
    expect(stderr).toContain("The flow has run for 500 ms, its timeout");
  });

  it("ends an actor that stalls, but not one that waits for its neighbours", async () => {
    const flow = {
      actors: {
        src: { sh: "echo begun; exec sleep 100", stall: "700ms" },
        patient: { run: ["cat"], in: "src", stall: "100ms" },
      },
    };
    const { code, stderr } = await runFlow(runtime, flow, { args: ["--json"] });
    expect(code).toBe(4);
    // The engine wrote it.
    const { failures } = JSON.parse(stderr) as RunResult;
    expect(failures).toMatchObject([{ kind: "stall", actor: "src", limitMs: 700 }]);
  });

  it("with `onFailure: continue` a timeout ends only its actor", async () => {
    const flow = {
      onFailure: "continue",
      actors: { late: { run: ["sleep", "100"], timeout: "200ms" }, good: { run: ["echo", "good"] } },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "good\n" });
  });
});
