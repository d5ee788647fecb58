/** What a run guarantees, on each runtime: the table W10 of the peers, and more of its kind. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runFlow, runtimes, startCommand } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("runs on the runtime that the test means", async () => {
    const flow = { actors: { a: { run: ["cat"] } } };
    const { stderr } = await runFlow(runtime, flow, { args: ["--json"] });
    expect(JSON.parse(stderr).state).toBe("done");
  });

  it("runs the first seed's flow", async () => {
    const flow = {
      actors: {
        note: { value: "(mee too)" },
        keys: { stdin: true },
        foo: { run: ["cat"], in: "keys" },
        bar: { run: ["cat"], in: ["note", "foo"] },
        baz: { run: ["cat"], in: "bar" },
      },
      aliases: { ".end": ["baz"] },
      out: ".end",
    };
    const ended = await runFlow(runtime, flow, { stdin: "1111\n2222\n3333\n" });
    expect(ended).toEqual({ code: 0, signal: null, stdout: "(mee too)1111\n2222\n3333\n", stderr: "" });
  });

  it("fan-out gives each reader all bytes, joins keep the written order", async () => {
    const flow = {
      actors: {
        s: { sh: "seq 1 100000" },
        slow: { sh: "sleep 0.3; tail -1", in: "s" },
        sum: { run: ["md5sum"], in: "s" },
        n: { run: ["wc", "-l"], in: "s" },
        all: { run: ["cat"], in: ["slow", "n", "sum"] },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "100000\n100000\ncd9d3bc8af4d97f24e5ccf8a3b5b9bf5  -\n".replace(/cd9d\w+/, md5OfSeq),
    });
  });

  it("`merge: lines` keeps lines whole", async () => {
    const line = "x".repeat(3000);
    const flow = {
      actors: {
        a: { sh: `for i in $(seq 300); do echo a${line}; done` },
        b: { sh: `for i in $(seq 300); do printf 'b${line}'; sleep 0; echo; done; printf end` },
        j: { run: ["cat"], in: ["a", "b"], merge: "lines" },
      },
    };
    const { stdout } = await runFlow(runtime, flow);
    const lines = stdout.split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.filter((each) => each === `a${line}`)).toHaveLength(300);
    expect(lines.filter((each) => each === `b${line}`)).toHaveLength(300);
    expect(lines.filter((each) => each === "end")).toHaveLength(1);
    expect(lines).toHaveLength(601);
  });

  it("named ports are readable paths, extra outputs are streams", async () => {
    const flow = {
      actors: {
        left: { value: "a\nb\nc\n" },
        right: { sh: "printf 'b\\nc\\nd\\n'" },
        both: { run: ["comm", "-12", "{in.left}", "{in.right}"], in: { left: "left", right: "right" } },
        split: {
          sh: 'while read x; do echo "$x"; echo "seen $x" >&4; done; cat "$SLUICE_IN_LEFT" >&2',
          in: { stdin: "both", left: "left" },
          outputs: { audit: 4 },
        },
        errors: { run: ["tr", "a-z", "A-Z"], in: "split.stderr" },
        end: { run: ["cat"], in: ["split", "split.audit", "errors"] },
      },
    };
    const { stdout, code } = await runFlow(runtime, flow);
    expect({ stdout, code }).toEqual({ stdout: "b\nc\nseen b\nseen c\nA\nB\nC\n", code: 0 });
  });

  it("gives a process only the descriptors that it should have", async () => {
    const list = "ls -l /proc/self/fd | awk 'NR > 1 { print $(NF-2), $NF }' | grep -v /proc/";
    const flow = {
      actors: {
        x: { run: ["cat"] },
        plain: { run: ["sh", "-c", list], in: "x" },
        ports: { run: ["sh", "-c", `${list}; cat {in.p}`], in: { stdin: "x", p: "x" }, outputs: { o: 7 } },
        o: { run: ["cat"], in: "ports.o" },
      },
      out: { "plain.txt": "plain", "ports.txt": ["ports", "o"] },
    };
    const folder = makeFolder({ "flow.json": flow });
    // Through a shell that holds nothing else: what the test runner leaves open is not the engine's.
    const command = [...runtime.command, join(folder, "flow.json")].map((word) => `'${word}'`).join(" ");
    const closing = Array.from({ length: 7 }, (_, fd) => `${fd + 3}>&-`).join(" ");
    const { code, stderr } = await startCommand([
      "bash",
      "-c",
      `for f in /proc/$$/fd/*; do n=\${f##*/}; [ $n -gt 2 ] && eval "exec $n>&-"; done; exec ${command} ${closing}`,
    ]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const numbers = (name: string): string[] =>
      readFileSync(join(folder, name), "utf8").trim().split("\n").map((line) => line.split(" ")[0] ?? "")
        .sort();
    // `ls` runs in a pipeline of the shell: 0, 1, 2 and what the shell itself was given.
    expect(numbers("plain.txt")).toEqual(["0", "1", "2"]);
    expect(numbers("ports.txt")).toEqual(["0", "1", "2", "3", "7"]);
  });

  it.each([
    ["a kernel pipe", { r: { sh: "cat; touch done", in: "w" } }, "r"],
    ["a relay", { r: { sh: "cat; touch done", in: "w" }, s: { run: ["cat"], in: "w" } }, ["r", "s"]],
    ["one of two streams", {
      r: { sh: "cat; touch done", in: "w" },
      s: { run: ["cat"], in: "w.more" },
    }, ["r", "s"]],
  ])("fails when a writer that closed stdout itself fails later: %s", async (_, readers, out) => {
    const w = {
      sh: "echo early; exec >&-; while [ ! -e done ]; do sleep 0.05; done; exit 3",
      outputs: { more: 3 },
    };
    const folder = makeFolder({ "flow.json": { actors: { w, ...readers }, out: { "o.txt": out } } });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, isThere: existsSync(join(folder, "o.txt")) }).toEqual({ code: 1, isThere: false });
    expect(stderr).toContain("exit 3");
  });

  it.each([
    ["", { a: { run: ["cat"], in: "in" }, b: { run: ["cat"], in: "in" } }],
    ["text\n", { a: { run: ["cat"], in: "in" }, b: { run: ["cat"], in: "in" } }],
    ["", { a: { run: ["cat", "{in.left}"], in: { left: "in" } }, b: { value: "" } }],
    ["", { a: { run: ["cat"], in: "in" }, b: { value: "" } }],
  ])("reads a named pipe as standard input whose writer has left long ago: %j %j", async (text, readers) => {
    const folder = makeFolder({
      text,
      "flow.json": { actors: { in: { stdin: true }, ...readers }, out: ["a", "b"] },
    });
    const script = 'mkfifo pipe; (cat text > pipe) & exec 4< pipe; wait; exec "$@" <&4 4<&-';
    const command = ["sh", "-c", script, "sh", ...runtime.command, join(folder, "flow.json")];
    const { code, stdout } = await startCommand(command, { cwd: folder }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: text + text });
  });

  it("lazy starts an actor when each of its inputs has begun", async () => {
    const flow = {
      start: "lazy",
      actors: {
        a: { sh: "sleep 0.2; touch begun; echo a; sleep 0.1; echo b" },
        late: { sh: "ls begun; cat", in: "a" },
        none: { sh: "true" },
        end: { run: ["cat"], in: ["none", "late"] },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "begun\na\nb\n" });
  });

  it("an output file appears whole or not at all", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { a: { sh: "echo new; exit $CODE" } }, out: { "out.txt": "a" } },
      "out.txt": "old\n",
    });
    const failed = await run(runtime, [join(folder, "flow.json")], { env: { CODE: "1" } });
    expect(failed.code).toBe(1);
    expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("old\n");
    const done = await run(runtime, [join(folder, "flow.json")], { env: { CODE: "0" } });
    expect(done.code).toBe(0);
    expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("new\n");
    expect(readdirSync(folder).sort()).toEqual(["flow.json", "out.txt"]);
  });

  it.each([["kernel pipe", 1], ["relay", 2]])(
    "ends well when standard output is closed (%s)",
    async (_, count) => {
      const streams = Array.from({ length: count }, (__, at) => `y${at}`);
      const flow = {
        actors: Object.fromEntries(streams.map((name) => [name, { run: ["yes", name] }])),
        out: streams,
      };
      const folder = makeFolder({ "flow.json": flow });
      const command = [...runtime.command, join(folder, "flow.json")].map((word) => `'${word}'`).join(" ");
      const { code, stdout, stderr } = await startCommand([
        "bash",
        "-c",
        `set -o pipefail; ${command} | head -1`,
      ]).ended;
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "y0\n", stderr: "" });
    },
  );

  it("tells as JSON, and nothing else, how every actor ended", async () => {
    // It fails when its reader has got something.
    const script = "seq 10; until [ -s got ]; do sleep 0.01; done; echo bad >&2; exit 4";
    const flow = { actors: { a: { sh: script }, b: { run: ["tee", "got"], in: ["a", "a"] } } };
    const { code, stderr } = await runFlow(runtime, flow, { args: ["--json"] });
    expect(code).toBe(1);
    const result = JSON.parse(stderr);
    expect(result).toMatchObject({
      state: "failed",
      exitCode: 1,
      actors: { a: { state: "failed", exitCode: 4, bytesOut: 21 } },
    });
    expect(result.failures).toEqual([
      {
        kind: "exit",
        actor: "a",
        command: ["sh", "-c", script],
        code: 4,
        ok: [0],
        lastLines: ["bad"],
      },
    ]);
  });

  it("a flow needs no more descriptors than the system gives, or fails in order", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`a${at}`, { run: ["sleep", "0.5"] }]),
    );
    const folder = makeFolder({ "flow.json": { actors: many } });
    const command = [...runtime.command, join(folder, "flow.json")].map((word) => `'${word}'`).join(" ");
    const { code, stderr } = await startCommand([
      "bash",
      "-c",
      `ulimit -Sn 128; ulimit -Hn 128; exec ${command}`,
    ]).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot start actor "a\d+": .*(too many|EMFILE|did not start)/i);
  });

  it("a full disk under an output file is a failure that names it", async () => {
    const flow = {
      actors: { a: { value: "x" }, b: { sh: "head -c 3000000 /dev/zero" } },
      out: { "/dev/full": ["a", "b"] },
    };
    const { code, stderr } = await runFlow(runtime, flow);
    expect(code).toBe(1);
    expect(stderr).toContain("/dev/full");
    expect(stderr).toContain("ENOSPC");
  });

  it("passes bytes exactly, whatever they are", async () => {
    const make =
      "import sys,random\nrandom.seed(7)\nfor i in range(300): sys.stdout.buffer.write(random.randbytes(random.randrange(0,30000)))";
    const flow = {
      actors: {
        r: { run: ["python3", "-c", make] },
        direct: { run: ["md5sum"], in: "r" },
        again: { run: ["cat"], in: "r" },
        relayed: { run: ["md5sum"], in: "again" },
      },
    };
    // The same program in a pipe of a shell.
    const wanted = await startCommand(["sh", "-c", 'python3 -c "$1" | md5sum', "sh", make]).ended;
    expect(wanted.stdout).toMatch(/^[0-9a-f]{32} {2}-$/m);
    expect((await runFlow(runtime, flow)).stdout).toBe(wanted.stdout + wanted.stdout);
  });

  it("half a line on stderr is told too, and a flood is not lost", async () => {
    const flow = { actors: { a: { sh: "seq 1 20000 >&2; printf half >&2" } } };
    const { stderr, code } = await runFlow(runtime, flow);
    expect(code).toBe(0);
    const lines = stderr.trim().split("\n");
    expect(lines).toHaveLength(20001);
    expect(lines[0]).toMatch(/^a .*1$/);
    expect(lines.at(-1)).toMatch(/half$/);
  });
});

const md5OfSeq = await (async () => {
  const { stdout } = await startCommand(["bash", "-c", "seq 1 100000 | md5sum | cut -d' ' -f1"]).ended;
  return stdout.trim();
})();

expect(process.platform).toBe("linux");
