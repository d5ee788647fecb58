/** Inputs that are given as complete regular files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runFlow, runtimes, startCommand } from "./rig.ts";

const LINES = 400_000;
const file = (from: unknown): object => ({ from, as: "file" });

describe.each(runtimes)("on $name", (runtime) => {
  it("are complete, regular and can be read twice and out of order", async () => {
    const script = `
import os, stat, sys
path = sys.argv[1]
assert stat.S_ISREG(os.stat(path).st_mode) and stat.S_ISREG(os.fstat(0).st_mode)
assert os.environ["SLUICE_IN_LEFT"] == path
with open(path, "rb") as left:
    left.seek(-7, 2)
    print(left.read().decode().strip())
    left.seek(0)
    print(len(left.read().splitlines()))
sys.stdin.seek(0, 2)
print(sys.stdin.tell())
`;
    const flow = {
      actors: {
        source: { run: ["seq", String(LINES)] },
        half: { run: ["head", "-n", "5"], in: "source" },
        seeks: {
          run: ["python3", "-c", script, "{in.left}"],
          in: { left: file("source"), stdin: file(["half", "half"]) },
        },
      },
    };
    const { code, stdout, stderr } = await runFlow(runtime, flow);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${LINES}\n${LINES}\n20\n`, stderr: "" });
  });

  it("hold nobody up: the other inputs of the actor wait for it", async () => {
    const flow = {
      actors: {
        source: { run: ["seq", String(LINES)] },
        both: { sh: 'wc -l; wc -l < "$SLUICE_IN_LEFT"', in: { stdin: "source", left: file("source") } },
      },
    };
    for (const more of [{}, { start: "lazy" }, { limits: { processes: 1 } }]) {
      const { code, stdout } = await runFlow(runtime, { ...flow, ...more });
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${LINES}\n${LINES}\n` });
    }
  });

  it("a file of the flow is given as it is, a value and standard input as a copy", async () => {
    const actors = {
      given: { file: "given.txt" },
      value: { value: "value" },
      stdin: { stdin: true },
      show: {
        sh: 'cat "$SLUICE_IN_A" "$SLUICE_IN_B" "$SLUICE_IN_C"; echo "$SLUICE_IN_A"',
        in: { a: file("given"), b: file("value"), c: file("stdin") },
      },
    };
    const folder = makeFolder({ "given.txt": "given ", "flow.json": { actors } });
    const { code, stdout } = await run(runtime, [join(folder, "flow.json")], { stdin: " stdin\n" });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `given value stdin\n${join(folder, "given.txt")}\n`,
    });
  });

  it("are the same for each try of an actor, and nothing of them stays", async () => {
    const temporary = makeFolder();
    const actors = {
      source: { sh: "seq 1000" },
      again: {
        sh: 'cat "$SLUICE_IN_A"; echo >> tries; [ $(wc -l < tries) -ge 3 ]',
        in: { a: file("source") },
        retry: { max: 3, backoff: "1ms" },
      },
      lines: { run: ["wc", "-l"], in: "again" },
    };
    const folder = makeFolder({ "flow.json": { actors } });
    const { code, stdout } = await run(runtime, [join(folder, "flow.json")], { env: { TMPDIR: temporary } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1000\n" });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("an actor whose file cannot be written is told, and does not start", async () => {
    const flow = {
      onFailure: "continue",
      actors: {
        source: { run: ["seq", String(LINES)] },
        full: { sh: 'echo started; cat "$SLUICE_IN_A"', in: { a: file("source") } },
        other: { run: ["echo", "1"] },
      },
      out: { "full.txt": "full", "other.txt": "other" },
    };
    const folder = makeFolder({ "flow.json": flow });
    // A limit of the size of files stands for a full disk.
    const command = ["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "sh", ...runtime.command];
    const { code, stderr } = await startCommand([...command, join(folder, "flow.json")]).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot write input "a" of actor "full" into a file: .*EFBIG/);
    expect(readdirSync(folder).sort()).toEqual(["flow.json", "other.txt"]);
    expect(readFileSync(join(folder, "other.txt"), "utf8")).toBe("1\n");
  });

  it("tells what is wrong with one", async () => {
    const actors = { s: { value: "x" }, a: { run: ["cat"], in: { left: { from: "t", as: "fil", to: 1 } } } };
    const { code, stderr } = await runFlow(runtime, { actors });
    expect(code).toBe(2);
    expect(stderr).toContain('Cannot read "as": it is the string "fil" (expected "file")');
    expect(stderr).toContain('Cannot use key "to": "left" has no such key (expected one of from, as)');
  });

  it("of a stream without end, and streams that are kept, take no more than the limit: told, exit 4", async () => {
    const asFile = await runFlow(runtime, {
      limits: { spill: "1MiB" },
      actors: {
        endless: { run: ["yes"] },
        reads: { run: ["cat", "{in.left}"], in: { left: file("endless") } },
      },
      out: "reads",
    });
    expect(asFile.code).toBe(4);
    expect(asFile.stderr).toContain('Cannot write input "left" of actor "reads" into a file: it takes ');
    expect(asFile.stderr).toContain("more than limits.spill (1 MiB)");
    const kept = await runFlow(runtime, {
      limits: { spill: "1MiB" },
      actors: { endless: { run: ["yes"], keep: true }, a: { sh: "cat >/dev/null", protocol: "messages" } },
      out: ["a", "endless"],
    });
    expect(kept.code).toBe(4);
    expect(kept.stderr).toContain('Cannot keep "endless" for those that are spawned later: it takes ');
  });

  it.runIf(existsSync("/proc/self/mem"))("and sources that cannot be read are told as that", async () => {
    const actors = {
      bad: { file: "/proc/self/mem" }, // Nothing is at address 0: it opens, and cannot be read.
      reads: { run: ["cat", "{in.left}"], in: { left: file(["bad", "bad"]) } },
    };
    for (const out of [{ "-": "bad" }, { "copy.txt": "bad" }, { "-": "reads" }]) {
      const { code, stdout, stderr } = await runFlow(runtime, { actors, out });
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^Cannot read "\/proc\/self\/mem" for actor "bad": EIO\b.*\n$/);
    }
  });
});
