/** What is told of a deadlock that cannot be resolved, and what was tried. */
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { runFlow, runtimes } from "./rig.ts";
import { diamond } from "./diamond.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("tells a deadlock that its limits do not allow to resolve: exit 3, with a picture", async () => {
    const flow = diamond({ run: ["cat"] }, { limits: { memory: "512KiB", spill: "512KiB" } });
    const { code, stdout, stderr } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(
      /^Deadlock: these actors wait for each other, and the limits of the flow are used up:\n/,
    );
    expect(stderr).toMatch(
      /┌▶ src +cannot write src → b: full, holds [\d.]+ [KM]iB.*; waits for b \[process \d+\]/,
    );
    expect(stderr).toMatch(/join +cannot read a → join: empty; waits for a \[process \d+\]/);
    expect(stderr).toContain("limits.memory is 512 KiB, limits.spill 512 KiB");
  });

  it("tells that workers who have been given all hold the place of whoever is to read them", async () => {
    // More than room, pipe and program take of the output; the rest fits into the pipe of the input.
    const files = { "in.txt": "a line of the input\n".repeat(105_000) };
    const flow = {
      actors: {
        f: { file: "in.txt" },
        w: { run: ["cat"], in: "f", workers: { count: 1, block: "64MiB" } },
        r: { run: ["wc", "-c"], in: "w" },
      },
      limits: { processes: 1, memory: "256KiB", spill: "256KiB" },
      out: "r",
    };
    const { code, stderr } = await runFlow(runtime, flow, { files });
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("limits.spill 256 KiB"),
    });
  });

  it("tells a deadlock as data", async () => {
    const flow = diamond({ run: ["cat"] }, { limits: { memory: "512KiB", spill: "0" } });
    const { code, stderr } = await runFlow(runtime, flow, { args: ["--json"] });
    expect(code).toBe(3);
    // The engine wrote it.
    const { exitCode, failures } = JSON.parse(stderr) as RunResult;
    expect(exitCode).toBe(3);
    const [failure] = failures;
    if (failure?.kind !== "deadlock") throw new Error(stderr);
    expect(failure.cause).toEqual({ kind: "limit" });
    expect(failure.cycle.map(({ waiter }) => waiter).sort()).toEqual(["a", "b", "join", "src"]);
    for (const [at, { waitsFor }] of failure.cycle.entries()) {
      expect(waitsFor).toBe(failure.cycle[(at + 1) % failure.cycle.length]?.waiter);
    }
  });

  it("tells a deadlock that no buffer can resolve", async () => {
    // It reads its own output, which nobody else writes.
    const flow = {
      actors: {
        src: { sh: "cat < $SLUICE_OUT_MORE", outputs: { more: 5 } },
        join: { run: ["cat"], in: ["src.more", "src"] },
      },
    };
    const { code, stderr } = await runFlow(runtime, flow);
    expect(code).toBe(3);
    expect(stderr).toContain("no larger buffer can help");
    expect(stderr).toContain("src");
  });
});
