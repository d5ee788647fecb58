/** What is wrong with a flow or a command line is told with its place and remedy, and nothing is started. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, startCommand } from "./rig.ts";

/** A flow with one mistake, and what the message has to say; every one would create `started` if it ran. */
const starter = '"starter": { "sh": "touch started" }';
const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["broken JSON", `{ "actors": { ${starter}, `, ["flow.json:1:"]],
  ["an unknown key", `{ "actors": { ${starter} }, "actrs": 1 }`, ["actrs", 'did you mean "actors"']],
  ["a missing actor", `{ "actors": {\n ${starter},\n "b": { "run": ["cat"], "in": "startr" } } }`, [
    "flow.json:3:",
    'did you mean "starter"',
  ]],
  [
    "a cycle",
    `{ "actors": { ${starter}, "a": { "run": ["cat"], "in": "b" }, "b": { "run": ["cat"], "in": "a" } } }`,
    ["a -> b -> a"],
  ],
  ["two stdin", `{ "actors": { ${starter}, "a": { "stdin": true }, "b": { "stdin": true } } }`, [
    '"a"',
    '"b"',
  ]],
  [
    "a port that does not exist",
    `{ "actors": { ${starter}, "b": { "run": ["cat"], "in": "starter.audit" } } }`,
    ["audit", "outputs: stdout, stderr"],
  ],
  ["a bad duration", `{ "actors": { ${starter} }, "grace": "5 parsecs" }`, ["5 parsecs"]],
  ["an unreadable file", `{ "actors": { ${starter}, "f": { "file": "none.txt" } } }`, ["none.txt"]],
  ["a missing program", `{ "actors": { ${starter}, "b": { "run": ["no-such-program"] } } }`, [
    "no-such-program",
    "flow.json:1:",
  ]],
  ["no permission", `{ "actors": { ${starter}, "b": { "run": ["./plain.txt"] } } }`, [
    "plain.txt",
    "chmod +x",
  ]],
  ["a missing cwd", `{ "actors": { ${starter}, "b": { "run": ["cat"], "cwd": "nowhere" } } }`, ["nowhere"]],
  ["a name that tries to escape", `{ "actors": { ${starter}, "../x": { "run": ["cat"] } } }`, ["../x"]],
  [
    "an output file in a missing folder",
    `{ "actors": { ${starter} }, "out": { "none/out.txt": "starter" } }`,
    ["none"],
  ],
  [
    "a parameter without a value",
    `{ "params": { "p": {} }, "actors": { ${starter}, "b": { "run": ["echo", "{param.p}"] } } }`,
    ["--set p="],
  ],
];

describe.each(runtimes)("on $name", (runtime) => {
  it.each(CASES)("tells %s", async (_, text, says) => {
    const folder = makeFolder({ "flow.json": text, "plain.txt": "no program" });
    const { code, stdout, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const words of says) expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
    expect(existsSync(join(folder, "started"))).toBe(false);
  });

  it("tells all mistakes at once", async () => {
    const flow = { actors: { a: { run: ["cat"], in: "x" }, b: { rnu: ["cat"] } }, grace: "soon" };
    const { stderr } = await run(runtime, [join(makeFolder({ "flow.json": flow }), "flow.json")]);
    expect(stderr).toContain("3 issues; nothing was started");
  });

  it("refuses a flow file of 50 MB at once", async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "flow.json"), " ".repeat(50_000_000));
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("too large") });
  });

  it("tells that a flow file is missing, a folder, or a mistyped command", async () => {
    const folder = makeFolder();
    for (
      const [word, says] of [["none.json", "no such file"], [folder, "folder"], [
        "chek",
        'did you mean "check"',
      ]] as const
    ) {
      const { code, stderr } = await run(runtime, [word]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    }
  });

  it("reads a flow from standard input", async () => {
    const { stdout } = await run(runtime, ["-"], {
      stdin: '{ "actors": { "a": { "run": ["echo", "hi"] } } }',
    });
    expect(stdout).toBe("hi\n");
  });

  it.each([
    [["--jsno", "flow.json"], 'did you mean "--json"'],
    [["flow.json", "--set", "x"], "NAME=VALUE"],
    [["flow.json", "--stop-after", "a", "--one-step"], "each chooses what to run"],
    [["flow.json", "nobody"], "nobody"],
    [["flow.json", "--start", "never"], "--start eager"],
    [["graph", "flow.json", "--format", "png"], "svg"],
    [["flow.json", "--set", "sufix=x"], 'did you mean "suffix"'],
  ])("tells what is wrong with the command line %j", async (args, says) => {
    const folder = makeFolder({
      "flow.json": { params: { suffix: { default: "" } }, actors: { a: { sh: "touch started" } } },
    });
    const { code, stdout, stderr } = await run(runtime, args, { cwd: folder });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(says) });
    expect(readdirSync(folder)).toEqual(["flow.json"]);
  });

  it("runs a part of a flow", async () => {
    const flow = {
      actors: {
        a: { run: ["echo", "a"] },
        b: { sh: "cat; echo b", in: "a" },
        c: { sh: "cat; echo c", in: "b" },
        d: { sh: "echo d; touch d-ran" },
      },
      out: { "-": "c", "d.txt": "d" },
    };
    const folder = makeFolder({ "flow.json": flow });
    const part = async (...args: string[]): Promise<string> =>
      (await run(runtime, ["flow.json", ...args], { cwd: folder })).stdout;
    expect(await part("b")).toBe("a\nb\n");
    expect(await part("--one-step")).toBe("a\n");
    expect(await part("--stop-before", "c")).toBe("a\nb\n");
    expect(await part("--stop-after", "b")).toBe("a\nb\n");
    expect(await part("--dry-run")).toContain("sh -c 'cat; echo b'");
    expect(readdirSync(folder)).toEqual(["flow.json"]);
    expect(await part()).toBe("a\nb\nc\n");
    expect(readdirSync(folder).sort()).toEqual(["d-ran", "d.txt", "flow.json"]);
  });

  it("checks, draws and prints a flow", async () => {
    const flow = {
      name: "diamond",
      actors: {
        a: { run: ["seq", "3"] },
        b: { run: ["cat"], in: "a" },
        c: { run: ["cat"], in: "a" },
        d: { run: ["cat"], in: ["b", "c"] },
        e: { run: ["cat"], in: "d" },
      },
    };
    const folder = makeFolder({ "flow.json": flow });
    const said = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(runtime, args, { cwd: folder });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout;
    };
    const check = await said("check", "flow.json");
    expect(check).toMatch(/d +→ e +pipe/);
    expect(check).toMatch(/a +→ b +relay +fan-out to 2 readers/);
    expect(check).toContain("d reads b to its end before c");
    expect(JSON.parse(await said("check", "flow.json", "--json")).edges).toHaveLength(6);
    expect(await said("tree", "flow.json")).toContain("│   │   ├── b [⋯ not built]\n");
    expect(await said("graph", "flow.json")).toContain("flowchart");
    expect(await said("graph", "flow.json", "--format", "dot")).toContain("digraph");
    expect(await said("graph", "flow.json", "--format", "svg")).toContain("</svg>");
    expect(JSON.parse(await said("schema")).title).toBe("Sluice flow");
    expect(await said("run", "--help")).toContain("Examples:");
    expect(await said("--version")).toMatch(/^sluice \d/);
  });

  it("init writes a flow that runs, and never overwrites", async () => {
    const folder = makeFolder();
    expect((await run(runtime, ["init"], { cwd: folder })).code).toBe(0);
    expect((await run(runtime, ["flow.json"], { cwd: folder })).stdout).toBe(
      "      3 the\n      2 fox\n      1 brown\n13\n",
    );
    const again = await run(runtime, ["init"], { cwd: folder });
    expect({ code: again.code, stderr: again.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("it is there already"),
    });
  });

  it("--events writes what happens as NDJSON", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: { sh: "echo out; echo err >&2" } } } });
    await run(runtime, ["flow.json", "--events", "events.ndjson"], { cwd: folder });
    const { stdout } = await startCommand(["cat", join(folder, "events.ndjson")]).ended;
    const types = stdout.trim().split("\n").map((line) => JSON.parse(line).type);
    expect(types).toEqual(["run-started", "actor-started", "stderr", "actor-ended", "output", "run-ended"]);
  });
});

describe("on deno", () => {
  const [, deno] = runtimes;

  it("tells on one line which flags are missing", async () => {
    const command = deno.command.filter((word) => word !== "-A");
    const folder = makeFolder({ "flow.json": { actors: { a: { run: ["true"] } } } });
    const { code, stderr } = await startCommand([...command, join(folder, "flow.json")]).ended;
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/--allow-read --allow-write .*\(or -A for all\)/),
    ]);
  });

  it("runs with the least set of flags that it names", async () => {
    const command = deno.command.flatMap((word) =>
      word === "-A" ? ["read", "write", "env", "run", "ffi"].map((name) => `--allow-${name}`) : [word]
    );
    const folder = makeFolder({
      "flow.json": { actors: { a: { sh: "seq 3" }, b: { run: ["wc", "-l"], in: "a" } } },
    });
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "x"));
    const { code, stdout, stderr } = await startCommand([...command, join(folder, "flow.json")]).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "3\n", stderr: "" });
  });
});

describe.each(runtimes)("what cannot be written is told on $name", (runtime) => {
  it("a full disk behind standard output, or behind --events", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: { run: ["echo"] } } } });
    const said = async (words: string) => {
      const command = `"$@" ${words}`;
      const { code, stderr } = await startCommand(["sh", "-c", command, "sh", ...runtime.command], {
        cwd: folder,
      }).ended;
      return { code, stderr };
    };
    expect(await said("tree flow.json >/dev/full")).toEqual({
      code: 1,
      stderr: "sluice: Cannot write standard output: ENOSPC\n",
    });
    expect(await said("flow.json --events /dev/full")).toEqual({
      code: 1,
      stderr: 'sluice: Cannot write events to "/dev/full": ENOSPC (the rest of them is lost)\n',
    });
  });
});
