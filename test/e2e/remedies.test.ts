/** What goes wrong is told of whom it concerns, once, and with what can be done about it. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, start, startCommand, until } from "./rig.ts";

const hasStrace = (() => {
  try {
    return execFileSync("strace", ["-V"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
})();

describe.each(runtimes)("on $name", (runtime) => {
  it("a flow that is no object is called the flow", async () => {
    const folder = makeFolder({ "flow.json": "[]" });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain("Cannot read the flow: it is an empty list (expected an object such as");
  });

  it("a terminal that is not there is explained", async () => {
    const folder = makeFolder({
      "in.json": { actors: { t: { file: "/dev/tty" } } },
      "out.json": { actors: { t: { run: ["echo"] } }, out: { "/dev/tty": "t" } },
    });
    for (const flow of ["in.json", "out.json"]) {
      const command = ["setsid", "-w", ...runtime.command, flow];
      const { code, stderr } = await startCommand(command, { cwd: folder }).ended;
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(
          /"\/dev\/tty".*ENXIO: no such device or address.*\n {2}this program has no terminal \(start it from one/,
        ) as string,
      });
    }
  });

  it("a command to paste is quoted", async () => {
    const folder = makeFolder({
      "my script.sh": "#!/bin/sh\r\necho\r\n",
      "it's plain": "echo",
      "flow.json": { actors: { a: { run: ["./my script.sh"] }, b: { run: ["./it's plain"] } } },
    });
    chmodSync(join(folder, "my script.sh"), 0o755);
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(`try sed -i 's/\\r$//' '${join(folder, "my script.sh")}')`);
    expect(stderr).toContain(`try chmod +x '${folder}/it'\\''s plain')`);
  });

  it.runIf(hasStrace)("what strace cannot write is nobody's standard error", async () => {
    const late =
      "(until [ -e go ]; do sleep 0.01; done; cat flow.json; cat flow.json; touch end) >/dev/null 2>&1 &";
    const folder = makeFolder({
      "flow.json": {
        actors: {
          y: { sh: `${late} echo hi`, cache: true },
          s: { sh: "until [ -e end ]; do sleep 0.01; done" },
        },
      },
    });
    const { stderr, ended } = start(runtime, ["flow.json"], { cwd: folder });
    await until(() => stderr().includes('Cannot cache actor "y"'));
    writeFileSync(join(folder, "go"), "");
    expect(await ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining("strace") });
  });

  it("all actors are named that cannot be cached, and check does not say that they are", async () => {
    const cached = { run: ["/bin/echo", "a"], cache: true };
    const folder = makeFolder({
      "flow.json": {
        actors: { a: cached, b: cached, c: cached, d: { run: ["/bin/cat"], in: ["a", "b", "c"] } },
      },
    });
    const [program = "", ...args] = runtime.command;
    const path = program.startsWith("/")
      ? program
      : execFileSync("which", [program], { encoding: "utf8" }).trim();
    // No strace is found.
    const without = (...words: string[]) =>
      startCommand([path, ...args, ...words], { cwd: folder, env: { PATH: folder } }).ended;
    const { code, stderr } = await without("flow.json");
    expect(code).toBe(0);
    const told = stderr.split("\n").filter((line) => line.includes("Cannot cache"));
    expect(told).toHaveLength(2);
    for (const name of ["a", "b", "c"]) expect(told.join("\n")).toContain(`"${name}"`);
    const check = await without("check", "flow.json");
    expect(check.stdout).toContain('Cannot cache "a", "b", "c"');
    expect(check.stdout).not.toContain("from the cache");
  });

  it("inspect says what a run may be whose end is not there", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: { sh: "echo; kill -9 $PPID; sleep 9" } } } });
    await run(runtime, ["flow.json", "--db", "run.db"], { cwd: folder });
    const { stdout } = await run(runtime, ["inspect", "run.db"], { cwd: folder });
    expect(stdout).toContain(
      "not ended: it goes on, was killed, or its end could not be written here (a full disk)",
    );
  });
});
