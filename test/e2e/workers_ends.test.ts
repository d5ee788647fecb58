/** Workers that die, fail, leave early or are ended, and what bounds them. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { makeFolder, run, runFlow, runtimes, start, until } from "./rig.ts";

const LINES = 200_000;
const source = { run: ["seq", String(LINES)] };

describe.each(runtimes)("on $name", (runtime) => {
  it("the block of a process that dies is run again, and nothing comes twice", async () => {
    for (const order of ["input", "any"]) {
      const folder = makeFolder();
      // Every block fails once, in the middle of its output.
      const script = `
        block=$(cat); name=$(echo "$block" | cksum | tr ' ' _)
        echo "$block" | head -n 1
        [ -e "${folder}/$name" ] || { touch "${folder}/$name"; kill -9 $$; }
        echo "$block" | tail -n +2`;

      const { code, stdout, stderr } = await runFlow(runtime, {
        actors: {
          in: { run: ["seq", "3000"] },
          work: {
            sh: script,
            in: "in",
            retry: { max: 1, backoff: "1ms" },
            workers: { count: 2, order, block: "2KiB" },
          },
          sorted: { run: ["sort", "-n"], in: "work" },
          sum: { run: ["cksum"], in: "sorted" },
          lines: { run: ["wc", "-l"], in: "sorted" },
        },
        out: ["lines", "sum"],
      });
      const expected = await runFlow(runtime, {
        actors: { in: { run: ["seq", "3000"] }, sum: { run: ["cksum"], in: "in" } },
      });
      expect({ code, stdout }).toEqual({ code: 0, stdout: `3000\n${expected.stdout}` });
      expect(stderr).toContain("SIGKILL");
    }
  });

  it("a process that fails is the actor's failure, told once with what it said", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          source,
          work: { sh: 'if grep -qx 1500; then echo "no 1500" >&2; exit 3; fi', in: "source", workers: 2 },
          end: { run: ["cat"], in: "work" },
        },
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json"), "--json", "--quiet"]);
    expect(code).toBe(1);
    // The last line is the result.
    const result = JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as RunResult;
    expect(result.failures).toMatchObject([{ kind: "exit", actor: "work", code: 3, lastLines: ["no 1500"] }]);
    expect(result.actors["work"]).toMatchObject({ state: "failed" });
  });

  it("readers that leave early end them, and that is no failure", async () => {
    const { code, stdout, stderr } = await runFlow(runtime, {
      actors: {
        endless: { run: ["yes"] },
        work: { run: ["cat"], in: "endless", workers: 2 },
        first: { run: ["head", "-n", "2"], in: "work" },
      },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "y\ny\n", stderr: "" });
  });

  it("processes that leave early do not hold up the rest", async () => {
    const { code, stdout } = await runFlow(runtime, {
      actors: {
        source,
        work: { run: ["head", "-n", "1"], in: "source", workers: { count: 2, block: "64KiB" } },
        lines: { run: ["wc", "-l"], in: "work" },
      },
    });
    const { size } = {
      size: Buffer.byteLength(Array.from({ length: LINES }, (_, at) => `${at + 1}\n`).join("")),
    };
    expect(code).toBe(0);
    expect(Number(stdout)).toBeGreaterThanOrEqual(Math.floor(size / 65_536));
    expect(Number(stdout)).toBeLessThanOrEqual(Math.ceil(size / 65_536));
  });

  it("they keep to the number of processes of the flow", async () => {
    for (const processes of [1, 2, 3]) {
      const { code, stdout } = await runFlow(runtime, {
        limits: { processes },
        actors: {
          source,
          work: { run: ["cat"], in: "source", workers: 3 },
          lines: { run: ["wc", "-l"], in: "work" },
        },
      });
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${LINES}\n` });
    }
  });

  it("a slow process among fast ones keeps the memory of the engine bounded", async () => {
    const folder = makeFolder();
    const gate = join(folder, "go");
    writeFileSync(
      join(folder, "flow.json"),
      JSON.stringify({
        limits: { memory: "8MiB" },
        actors: {
          src: { run: ["head", "-c", "200000000", "/dev/zero"] },
          lines: {
            sh: "tr '\\0' '\\n' | sed 's/$/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/' | head -c 100000000",
            in: "src",
          },
          work: {
            sh:
              `if mkdir ${folder}/slow 2> ${folder}/err; then until test -e ${gate}; do sleep 0.05; done; fi; cat`,
            in: "lines",
            workers: { count: 3, block: "1MiB" },
          },
          sum: { run: ["cksum"], in: "work" },
        },
      }),
    );
    const engine = start(runtime, [join(folder, "flow.json")]);
    await until(() => existsSync(join(folder, "slow")));
    writeFileSync(gate, "");
    const { code, stdout, stderr } = await engine.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/ 100000000\n$/);
  });

  it("Ctrl-C ends all of them", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: { yes: { run: ["yes"] }, work: { sh: "touch here; cat > /dev/null", in: "yes", workers: 3 } },
      },
    });
    const engine = start(runtime, [join(folder, "flow.json")]);
    await until(() => existsSync(join(folder, "here")));
    engine.child.kill("SIGINT");
    expect((await engine.ended).code).toBe(130);
  });
});
