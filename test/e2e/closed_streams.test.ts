/** Standard input, output and error that whoever started the program has closed, or not opened for that. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { type Ended, makeFolder, root, runtimes, startCommand } from "./rig.ts";

/** Node and Deno do not know what was closed when they were started; the starter of Node does. */
const starters = runtimes.filter(({ name }) => name !== "deno").map(({ name, command }) => ({
  name,
  command: name === "node" ? [join(root, "bin", "sluice")] : command,
}));
const env = { PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}` };

const WRITES = { actors: { a: { sh: "touch started; echo hi" } } };
const READS = { actors: { i: { stdin: true }, a: { sh: "touch started; cat", in: "i" } } };
const NOT_GIVEN = "this program was not given it (expected one that is open, such as";

/** Runs a command of the program in a shell that closes what `redirections` say. */
async function inShell(
  command: readonly string[],
  { flow, args = "flow.json", redirections }: {
    readonly flow: object;
    readonly args?: string;
    readonly redirections: string;
  },
): Promise<Ended & { readonly isStarted: boolean }> {
  const folder = makeFolder({ "flow.json": flow });
  const shell = ["sh", "-c", `"$@" ${args} ${redirections}`, "sh", ...command];
  const ended = await startCommand(shell, { cwd: folder, env }).ended;
  return { ...ended, isStarted: existsSync(join(folder, "started")) };
}

describe.each(starters)("on $name", ({ command }) => {
  it("a flow that writes standard output is not started without one", async () => {
    const ended = await inShell(command, { flow: WRITES, redirections: ">&-" });
    expect(ended).toMatchObject({ code: 2, isStarted: false });
    expect(ended.stderr).toContain(`Cannot write standard output: ${NOT_GIVEN} >/dev/null)`);
  });

  it("a flow that reads standard input is not started without one", async () => {
    const ended = await inShell(command, { flow: READS, redirections: "<&-" });
    expect(ended).toMatchObject({ code: 2, isStarted: false });
    expect(ended.stderr).toContain(`Cannot read standard input in actor "i": ${NOT_GIVEN} </dev/null)`);
    const fromStdin = await inShell(command, { flow: READS, args: "-", redirections: "<&-" });
    expect(fromStdin).toMatchObject({ code: 2, stderr: expect.stringContaining("was not given it") });
    const { actors } = WRITES;
    const file = {
      actors: { ...actors, b: { sh: "cat", in: "f" }, f: { file: "/dev/stdin" } },
      out: { "-": ["a", "b"] },
    };
    expect(await inShell(command, { flow: file, redirections: "<&-" })).toMatchObject({
      code: 2,
      isStarted: false,
      stderr: expect.stringContaining('Cannot read "/dev/stdin": this program was not given it'),
    });
  });

  it("what is not used may be closed", async () => {
    const silent = { actors: { a: { sh: "touch started; echo hi" } }, out: { "a.txt": "a" } };
    expect(await inShell(command, { flow: silent, redirections: "<&- >&- 2>&-" })).toMatchObject({
      code: 0,
      isStarted: true,
    });
    expect(await inShell(command, { flow: WRITES, redirections: "<&-" })).toMatchObject({
      code: 0,
      stdout: "hi\n",
      stderr: "",
    });
  });

  it("commands that write standard output tell that it is lost", async () => {
    for (const args of ["tree flow.json", "check flow.json", "flow.json --dry-run", "--help", "schema"]) {
      expect(await inShell(command, { flow: WRITES, args, redirections: ">&-" }), args).toMatchObject({
        code: 1,
        stderr: "sluice: Cannot write standard output: EBADF\n",
        isStarted: false,
      });
    }
    const flow = { ...WRITES, out: { "/dev/stdout": "a" } };
    expect(await inShell(command, { flow, redirections: ">&-" })).toMatchObject({
      code: 2,
      isStarted: false,
    });
  });
});

describe.each(runtimes)("on $name", ({ command }) => {
  it("standard output that is open for reading only is none, and input for writing only", async () => {
    expect(await inShell(command, { flow: WRITES, redirections: "1</dev/null" })).toMatchObject({
      code: 2,
      isStarted: false,
      stderr: expect.stringContaining("Cannot write standard output: this program was not given it"),
    });
    expect(await inShell(command, { flow: READS, redirections: "0>/dev/null" })).toMatchObject({
      code: 2,
      isStarted: false,
      stderr: expect.stringContaining(
        'Cannot read standard input in actor "i": this program was not given it',
      ),
    });
  });

  it("standard error may be closed, but a result that cannot be written there is told by the exit code", async () => {
    const flow = { actors: { a: { sh: "echo hi; echo err >&2; touch started" } } };
    expect(await inShell(command, { flow, redirections: "2>&-" })).toMatchObject({
      code: 0,
      stdout: "hi\n",
      isStarted: true,
    });
    const lost = await inShell(command, { flow, args: "flow.json --json", redirections: "2>/dev/full" });
    expect(lost).toMatchObject({ code: 1, stdout: "hi\n" });
  });

  it("/dev/null is good for both", async () => {
    expect(await inShell(command, { flow: READS, redirections: "<>/dev/null >/dev/null" })).toMatchObject({
      code: 0,
      stderr: "",
      isStarted: true,
    });
  });
});
