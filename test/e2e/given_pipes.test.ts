/** Files that the engine itself reads may be pipes: those are read, and a named one without a writer is told. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, root, run, runtimes, startCommand } from "./rig.ts";

const NOBODY =
  "it is a named pipe, and nobody has written to it for 3 s (expected a file, or a pipe that somebody writes to)";
const FLOW = { params: { p: { env: "TEST_P" } }, actors: { a: { run: ["echo", "{param.p}"] } } };

/** A folder with a named pipe, and files. */
function makePipe(files: Readonly<Record<string, object>>): string {
  const folder = makeFolder({ ...files });
  spawnSync("mkfifo", ["-m", "777", "pipe"], { cwd: folder });
  return folder;
}

/** What is there on the command line, and what is said of a pipe without a writer. */
const WITHOUT_WRITER: readonly (readonly [string, readonly string[], string, object])[] = [
  ["a flow", ["pipe"], `Cannot read the flow "pipe": ${NOBODY}`, {}],
  ["a flow that is used", ["flow.json"], `Cannot use "pipe": ${NOBODY}`, { actors: { a: { use: "pipe" } } }],
  ["a table", ["flow.json"], `Cannot read table "pipe" of set "s": ${NOBODY}`, {
    sets: { s: { table: "pipe", format: "csv" } },
    actors: { a: { each: "s", run: ["echo", "{s.x}"] } },
  }],
  ["a script to be imported", ["import", "pipe"], `Cannot read "pipe": ${NOBODY}`, {}],
  ["a program", ["flow.json"], "it is no regular file (expected a program)", {
    actors: { a: { run: ["./pipe"] } },
  }],
  ["a module", ["flow.json"], "it is no regular file (expected a module)", {
    actors: { v: { value: "x" }, a: { handler: "./pipe#f", in: "v" } },
  }],
];

describe.each(runtimes)("a pipe in place of a file on $name", (runtime) => {
  it.each(WITHOUT_WRITER)("that nobody writes to is told: %s", async (_, args, says, flow) => {
    const { code, stdout, stderr } = await run(runtime, args, { cwd: makePipe({ "flow.json": flow }) });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });

  it("is read: a flow, one that is used, variables, a table, named or from a shell", async () => {
    const [own = "", ...rest] = runtime.command;
    // Node takes --env-file for its own unless there is a line between.
    const command = runtime.name === "node" ? [own, "--", ...rest] : runtime.command;
    const files = {
      "flow.json": FLOW,
      "table.json": {
        sets: { s: { table: "pipe", format: "csv" } },
        actors: { a: { each: "s", value: "{s.x}" } },
      },
      "uses.json": { actors: { a: { use: "pipe", with: { p: "used" } } } },
    };
    const script = `
      sluice() { ${command.map((word) => `'${word}'`).join(" ")} "$@"; }
      export TEST_P=0
      sluice <(cat flow.json)
      cat flow.json >pipe & sluice pipe
      cat flow.json >pipe & sluice uses.json
      printf 'x\\nin a table\\n' >pipe & sluice table.json; echo
      unset TEST_P
      sluice flow.json --env-file <(echo TEST_P=from a shell)
      echo TEST_P=named >pipe & sluice flow.json --env-file pipe
      sluice flow.json --env-file <(true) || echo $?
      wait`;
    const { stdout, stderr } = await startCommand(["bash", "-c", script], { cwd: makePipe(files) }).ended;
    expect(stdout).toBe("0\n0\nused\nin a table\nfrom a shell\nnamed\n2\n");
    expect(stderr).toContain("nothing has come through this pipe");
  });

  it("without end is too large", async () => {
    const { code, stderr } = await run(runtime, ["/dev/zero"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("it is too large") });
  });
});

it("variables from a pipe that nobody writes to, or from a device without end, are told", async () => {
  const folder = makePipe({ "flow.json": FLOW });
  const read = (file: string) =>
    startCommand([join(root, "bin/sluice"), "flow.json", "--env-file", file], { cwd: folder }).ended;
  const none = await read("pipe");
  expect({ code: none.code, stderr: none.stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(NOBODY),
  });
  const zeros = await read("/dev/zero");
  expect({ code: zeros.code, stderr: zeros.stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("it is too large (expected at most 4 MiB)"),
  });
});
