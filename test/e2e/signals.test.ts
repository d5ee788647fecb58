/** Signals of the engine: which are ignored stay ignored, and a halt halts everything. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { findCommand, makeFolder, root, runtimes, startCommand, until } from "./rig.ts";

/** Node cannot see what was ignored when it was started; its starter tells. */
const starters = runtimes.map(({ name, command }) => ({
  name,
  command: name === "node" ? [join(root, "bin", "sluice")] : command,
}));
const env = { PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}` };

/** Tells which signals it ignores, and ends when a file is there. */
const WAITER = "grep SigIgn /proc/self/status; until [ -e go ]; do sleep 0.01; done; echo end";
const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** The numbers below 32 in a line of `/proc/PID/status`; the C library has two of its own above. */
function signalsOf(line: string | undefined): readonly number[] {
  const mask = BigInt(`0x${line?.split("\t")[1] ?? "0"}`);
  return Array.from({ length: 31 }, (_, at) => at + 1).filter((number) =>
    (mask >> BigInt(number - 1) & 1n) === 1n
  );
}

function stateOf(pid: number): string {
  return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1] ?? "";
}

describe.each(starters)("on $name", (starter) => {
  it("what was ignored at the start stays ignored, by actors too", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: { sh: WAITER } } } });
    const shell = ["bash", "-c", `trap '' HUP INT QUIT TERM; exec "$@"`, "bash"];
    const { child, stdout, ended } = startCommand([...shell, ...starter.command, "flow.json"], {
      cwd: folder,
      env,
    });
    await until(() => stdout().includes("\n"));
    for (const signal of SIGNALS) child.kill(signal);
    writeFileSync(join(folder, "go"), "");
    const { code, stderr, stdout: out } = await ended;
    expect({ code, stderr, end: out.split("\n")[1] }).toEqual({ code: 0, stderr: "", end: "end" });
    expect(signalsOf(out.split("\n")[0])).toEqual([1, 2, 3, 15]);
  });

  it("`&` in a script and `nohup` are such", async () => {
    const flow = { actors: { a: { sh: "grep SigIgn /proc/self/status" } } };
    const folder = makeFolder({ "flow.json": flow });
    const { stdout, code } = await startCommand(
      ["bash", "-c", `nohup "$@" & wait $!`, "bash", ...starter.command, "flow.json"],
      { cwd: folder, env },
    ).ended;
    expect({ code, ignored: signalsOf(stdout) }).toEqual({ code: 0, ignored: [1, 2, 3] });
  });

  it("nothing is ignored by an actor that its engine's caller did not wish so", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: { sh: "grep SigIgn /proc/self/status" } } } });
    const { stdout } = await startCommand([...starter.command, "flow.json"], { cwd: folder, env }).ended;
    expect(signalsOf(stdout)).toEqual([]);
  });

  it("an actor that is halted ends in order when the run is stopped", async () => {
    const sh = "trap 'echo ended >end; exit' TERM; echo $$ >pid; while :; do sleep 0.01; done";
    const folder = makeFolder({ "flow.json": { actors: { a: { sh, cwd: "." } } } });
    const { child, ended } = startCommand([...starter.command, join(folder, "flow.json")], {
      cwd: folder,
      env,
    });
    const pidFile = join(folder, "pid");
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
    const pid = Number(readFileSync(pidFile, "utf8"));
    process.kill(pid, "SIGSTOP");
    await until(() => stateOf(pid) === "T");
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(readFileSync(join(folder, "end"), "utf8")).toBe("ended\n");
  });

  it("Ctrl-Z halts the engine and its actors, and `fg` continues all", async () => {
    // The shell itself waits, and starts nothing: one that is halted while it does is seen in another state.
    const folder = makeFolder({
      "flow.json": { actors: { a: { sh: ": halted; read line <go; echo $line" } } },
    });
    await startCommand(["mkfifo", join(folder, "go")]).ended;
    const { child, stderr, ended } = startCommand([...starter.command, "flow.json"], { cwd: folder, env });
    await until(() => findCommand(": halted;").length === 1, stderr);
    const pids = [child.pid ?? 0, ...findCommand(": halted;")];
    const states = (): string => pids.map(stateOf).join("");
    child.kill("SIGTSTP");
    await until(() => states() === "TT", states);
    child.kill("SIGCONT");
    await until(() => !states().includes("T"), states);
    writeFileSync(join(folder, "go"), "end\n");
    expect(await ended).toMatchObject({ code: 0, stdout: "end\n", stderr: "" });
  });
});
