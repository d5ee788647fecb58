/** Programs that cannot be started: which and why, with the remedy, before anything is started where it can be known. */
import { chmodSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

const RETURN = "its first line ends with a carriage return";
const SCRIPTS: readonly (readonly [string, string, string])[] = [
  ["return", "#!/bin/sh\r\necho hi\r\n", RETURN],
  ["env_return", "#!/usr/bin/env python3\r\nprint()\r\n", RETURN],
  ["missing", "#!/no/such/interpreter -x\n", 'asks for "/no/such/interpreter", and there is no such file'],
  [
    "env_missing",
    "#!/usr/bin/env no-such-program\n",
    'asks for "no-such-program", and there is no such program in PATH',
  ],
  ["not_executable", "#!./plain.txt\n", 'asks for "./plain.txt", which may not be executed'],
  ["nested", "#!./return\n", `its interpreter "./return": ${RETURN}`],
];
/** The beginning of a program for another processor: 64 bits, the other order of bytes. */
const OTHER = Buffer.from("7f454c46020201000000000000000000000200160000000100", "hex");

/** Everything there is in one folder, with the rights to execute it. */
function makePrograms(flow: object): string {
  const folder = makeFolder({ "flow.json": flow, "plain.txt": "", ...Object.fromEntries(SCRIPTS) });
  writeFileSync(join(folder, "other"), OTHER);
  writeFileSync(join(folder, "no_line"), 'echo "no line: $1"\n');
  for (const name of ["other", "no_line", ...SCRIPTS.map(([name]) => name)]) {
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe.each(runtimes)("on $name", (runtime) => {
  it("scripts without a working interpreter are told, all at once, and nothing is started", async () => {
    const actors = Object.fromEntries(SCRIPTS.map(([name]) => [name, { run: [`./${name}`] }]));
    const folder = makePrograms({ actors: { ...actors, starter: { sh: "touch started" } }, out: "starter" });
    // Only what the output needs is asked for; all of them by name.
    const { code, stderr } = await run(runtime, ["flow.json", ...Object.keys(actors), "starter"], {
      cwd: folder,
    });
    expect(code).toBe(2);
    for (const [name, , reason] of SCRIPTS) {
      expect(stderr.split("\n").find((line) => line.includes(`/${name}":`))).toContain(reason);
    }
    expect(stderr).toContain("6 issues; nothing was started");
    expect(existsSync(join(folder, "started"))).toBe(false);
  });

  it("a program with a slash starts at the flow's folder: in run, check, the cache", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: { run: ["./tool"], cwd: "one", cache: true },
          b: { run: ["two/tool"], cwd: "one", cache: true },
          c: { run: ["link/../tool"], cwd: "one", cache: true },
        },
        out: ["a", "b", "c"],
      },
      tool: "#!/bin/sh\necho own",
      "one/tool": "#!/bin/sh\necho wrong",
      "two/tool": "#!/bin/sh\necho two",
      "far/tool": "#!/bin/sh\necho far",
      "far/off/x": "",
    });
    symlinkSync(join(folder, "far/off"), join(folder, "link"));
    for (const name of ["tool", "one/tool", "two/tool", "far/tool"]) chmodSync(join(folder, name), 0o755);
    const go = async () => await run(runtime, ["flow.json"], { cwd: folder });
    expect(await go()).toMatchObject({ code: 0, stdout: "own\ntwo\nfar\n" });
    writeFileSync(join(folder, "two/tool"), "#!/bin/sh\necho 2");
    writeFileSync(join(folder, "far/tool"), "#!/bin/sh\necho 3");
    expect(await go()).toMatchObject({ code: 0, stdout: "own\n2\n3\n" });
    rmSync(join(folder, "two/tool"));
    for (const args of [["check", "flow.json"], ["flow.json"]]) {
      const { code, stderr } = await run(runtime, args, { cwd: folder });
      expect(code).toBe(2);
      expect(stderr).toContain('/two/tool": there is no such file (expected a program)');
    }
  });

  it("a script without a first line of its own is run by sh", async () => {
    const folder = makePrograms({ actors: { a: { run: ["./no_line", "x"] } } });
    const { code, stdout } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "no line: x\n" });
  });

  it.each([
    ["an actor", {}],
    ["a message actor", { protocol: "messages", restart: { policy: "never" } }],
    ["an actor with workers", { workers: 2 }],
    ["an actor with retry", { retry: { max: 1, backoff: "1ms" } }],
  ])("a program for another processor is not read by a shell: %s", async (_, keys) => {
    const folder = makePrograms({
      actors: { lines: { value: "{}\n" }, a: { run: ["./other"], in: "lines", ...keys } },
    });
    const { code, stdout, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain('actor "a": it is no program for this system (expected one for linux on ');
  });

  it("a program for another processor is told of by `$spawn` too, and by the shell that sets limits", async () => {
    const message = { name: "grown", actor: { run: ["./other"] } };
    const spawn = JSON.stringify({ receiver: "$spawn", message_type: "Spawn", message_id: "1", message });
    const folder = makePrograms({
      actors: {
        boss: { sh: `read -r start; echo '${spawn}'; cat >&2`, protocol: "messages" },
        limited: { run: ["./other"], limits: { files: 100 } },
      },
      onFailure: "continue",
    });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot spawn \\"grown\\": it is no program for this system');
    expect(stderr).toMatch(/limited │ .*Exec format error/);
  });

  it("a text that is too long for an argument is told before anything is started", async () => {
    const long = "x".repeat(131_072);
    const flow = {
      actors: { starter: { sh: "touch started" }, a: { run: ["echo", "ok", long] }, b: { sh: `: ${long}` } },
    };
    const folder = makePrograms(flow);
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(
      "actors.a.run[2]\n  Cannot give a text of 131072 bytes to a program: it is too long",
    );
    expect(stderr).toContain("2 issues; nothing was started");
    expect(existsSync(join(folder, "started"))).toBe(false);
    const all = { actors: { a: { run: ["true", ...Array.from({ length: 40 }, () => long.slice(1))] } } };
    const told = await run(runtime, ["flow.json"], { cwd: makePrograms(all) });
    expect(told).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("give large data on stdin or in a file"),
    });
  });

  it("a program that breaks while the flow runs is told with what is wrong with it", async () => {
    const script = `printf '#!/bin/sh\\r\\n' > no_line; printf '#!/no/such\\n' > return; rm plain.txt`;
    const folder = makePrograms({
      actors: { first: { sh: script }, a: { run: ["./no_line"], in: "first" } },
      start: "lazy",
    });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot start actor "a": ${RETURN}`);
  });
});
