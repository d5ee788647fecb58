/** How an actor's end is taken: as its failure, as that of its readers, as none. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runFlow, runtimes } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("a middle actor that exits 3 fails the run and is named", async () => {
    const flow = {
      actors: {
        a: { run: ["seq", "3"] },
        b: { sh: "cat; echo oops >&2; exit 3", in: "a" },
        c: { run: ["cat"], in: "b" },
        // Without the stop the flow would never end.
        endless: { run: ["sleep", "1000"] },
      },
    };
    const { code, stderr } = await runFlow(runtime, flow);
    expect(code).toBe(1);
    expect(stderr).toMatch(/b.*oops/);
    expect(stderr).toMatch(/exit(ed|s)?.*3/);
  });

  it.each([["kernel pipe", {}], ["relay", { extra: { sh: "cat >/dev/null", in: "y" } }]])(
    "`yes | head -1` over a %s ends well",
    async (_, more) => {
      const flow = {
        actors: { y: { run: ["yes"] }, h: { run: ["head", "-1"], in: "y" }, ...more },
        out: "h",
      };
      const { code, stdout, stderr } = await runFlow(runtime, flow);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "y\n", stderr: "" });
    },
  );

  it("a program that exits 1 because its reader left has not failed", async () => {
    const python =
      "import sys\ntry:\n  while True: sys.stdout.write('x'*1000+'\\n')\nexcept BrokenPipeError: sys.exit(1)";
    const flow = {
      actors: { y: { run: ["python3", "-c", python] }, h: { run: ["head", "-c", "10"], in: "y" } },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "x".repeat(10) });
  });

  it("a writer that fails before its reader has left has failed, whatever the order of their ends", async () => {
    const flow = { actors: { w: { sh: "echo x; exit 3" }, r: { run: ["cat"], in: "w" } } };
    for (let round = 0; round < 10; round++) expect((await runFlow(runtime, flow)).code).toBe(1);
  });

  it("exit codes in `ok` are success", async () => {
    const flow = { actors: { a: { run: ["grep", "x"], ok: [0, 1] } } };
    expect((await runFlow(runtime, flow)).code).toBe(0);
  });

  it("lets a reader see the end when its writer closes stdout and lives on", async () => {
    const flow = {
      actors: {
        w: { sh: "echo early; exec >&-; while [ ! -e done ]; do sleep 0.05; done" },
        r: { sh: "cat; touch done", in: "w" },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "early\n" });
  });

  it("drains a stream whose reader left while another one is read", async () => {
    const flow = {
      actors: {
        w: { sh: "seq 1 200000; seq 1 200000 >&3", outputs: { more: 3 } },
        h: { run: ["head", "-1"], in: "w" },
        n: { run: ["wc", "-l"], in: "w.more" },
        all: { run: ["cat"], in: ["h", "n"] },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n200000\n" });
  });

  it("a writer of two streams sees a closed pipe when both readers have left", async () => {
    const flow = {
      actors: {
        w: { sh: "yes & yes >&3", outputs: { more: 3 } },
        a: { run: ["head", "-1"], in: "w" },
        b: { run: ["head", "-1"], in: "w.more" },
      },
      out: { "a.txt": "a", "b.txt": "b" },
    };
    expect((await runFlow(runtime, flow)).code).toBe(0);
  });

  it("onFailure continue runs the rest and keeps what does not depend on the failure", async () => {
    const folder = makeFolder({
      "flow.json": {
        onFailure: "continue",
        actors: {
          bad: { sh: "echo half; exit 5" },
          good: { sh: "sleep 0.2; echo whole" },
          after: { run: ["cat"], in: "bad" },
        },
        out: { "bad.txt": "after", "good.txt": "good" },
      },
    });
    const { code } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(["flow.json", "good.txt"]);
    expect(readFileSync(join(folder, "good.txt"), "utf8")).toBe("whole\n");
  });
});
