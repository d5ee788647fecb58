/** Limits of an actor's processes: reached, not reached, and not allowed by the system. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import type { Runtime } from "./rig.ts";
import { leftovers, makeFolder, run, runFlow, runtimes, startCommand } from "./rig.ts";

const MIB = 1024 * 1024;

/** Takes memory until it is killed. That it stops at 500 MiB and waits only spares the machine that runs the test. */
const TAKE = `
import signal
held = []
while len(held) < 500: held.append(b"x" * (1 << 20))
signal.pause()
`;
const SPIN = "while True: pass";
const DEAF = `import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n${SPIN}`;

/** Runs a flow and gives what `--json` tells. */
async function resultOf(
  runtime: Runtime,
  flow: object,
): Promise<RunResult & { readonly code: number | null; readonly printed: string }> {
  const { code, stdout, stderr } = await runFlow(runtime, flow, { args: ["--json"] });
  // The engine wrote it.
  return { ...JSON.parse(stderr) as RunResult, code, printed: stdout };
}

describe.each(runtimes)("on $name", (runtime) => {
  it("kills an actor that takes more memory than it may", async () => {
    const command = ["python3", "-c", `import sys\nprint("begun", file=sys.stderr, flush=True)\n${TAKE}`];
    const flow = { actors: { hog: { run: command, limits: { memory: "50MiB" } } } };
    const { code, exitCode, actors, failures } = await resultOf(runtime, flow);
    expect({ code, exitCode }).toEqual({ code: 4, exitCode: 4 });
    expect(actors["hog"]).toMatchObject({ state: "failed", signal: "SIGKILL" });
    const usedBytes = expect.toSatisfy((bytes: number) => bytes > 50 * MIB);
    expect(failures).toEqual([
      {
        kind: "limit",
        actor: "hog",
        command,
        limit: "memory",
        limitBytes: 50 * MIB,
        usedBytes,
        lastLines: ["begun"],
      },
    ]);
  });

  it("counts the memory of all that an actor has started, and kills it too", async () => {
    // It is in a session of its own, so the actor's process group does not have it.
    const child = `import os\nos.setsid()\nopen("child", "w").write(str(os.getpid()))\n${TAKE}`;
    const flow = {
      onFailure: "continue",
      actors: {
        parent: {
          run: ["python3", "-c", `import os\nif os.fork() == 0: exec(${JSON.stringify(child)})\nos.wait()`],
          limits: { memory: "60MiB" },
        },
        // What has no memory has ended, whether or not somebody has asked for its exit code.
        witness: {
          sh: "until test -s child; do sleep 0.05; done\n" +
            'while grep -q VmRSS "/proc/$(cat child)/status" 2>/dev/null; do sleep 0.05; done\necho gone',
        },
      },
    };
    const { code, printed, failures } = await resultOf(runtime, flow);
    expect({ code, printed }).toEqual({ code: 4, printed: "gone\n" });
    expect(failures).toMatchObject([{ kind: "limit", actor: "parent", limit: "memory" }]);
  });

  it.each([
    ["a child, and a file of `out`", {
      actors: { a: { sh: "python3 hog.py & echo hi" } },
      out: { "x": "a" },
    }],
    ["a daemon, and a fan-out", {
      actors: {
        a: { sh: "(setsid python3 hog.py &); echo hi" },
        b: { run: ["cat"], in: "a" },
        c: { run: ["cat"], in: ["a", "b"] },
      },
    }],
    ["a daemon of a worker", {
      actors: { v: { value: "1\n" }, a: { sh: "cat; (setsid python3 hog.py &)", in: "v", workers: 2 } },
    }],
    ["a daemon that holds no stream, of an actor that lives", {
      actors: { a: { sh: "(setsid python3 hog.py >/dev/null 2>&1 &); exec sleep 1000" } },
    }],
  ])(
    "a limit of memory holds for all that an actor has started, as long as it lives: %s",
    async (_, flow) => {
      const { a, ...others } = flow.actors;
      const folder = makeFolder({
        "hog.py": TAKE,
        "flow.json": { ...flow, actors: { a: { ...a, limits: { memory: "60MiB" } }, ...others } },
      });
      const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
      expect({ code, stderr }).toEqual({
        code: 4,
        stderr: expect.stringMatching(/^Actor "a" was killed: over its memory limit of 60 MiB/),
      });
    },
  );

  // Nobody is told how a daemon ended, and the system's two clocks of processor time may be a third apart on a machine
  // that is busy: then it is tried again.
  it("a limit of processor time that a daemon has reached is told", { retry: 2 }, async () => {
    const flow = { actors: { a: { sh: `(setsid python3 -c '${SPIN}' &); echo hi`, limits: { cpu: "2s" } } } };
    const { code, printed, failures } = await resultOf(runtime, flow);
    expect({ code, printed }).toEqual({ code: 4, printed: "hi\n" });
    expect(failures).toMatchObject([{ kind: "limit", actor: "a", limit: "cpu" }]);
    const ends = "import time\nwhile time.process_time() < 0.3: pass\nprint(1)";
    const well = {
      actors: { a: { sh: `(setsid python3 -c '${ends}' &); echo hi`, limits: { cpu: "60s" } } },
    };
    expect(await runFlow(runtime, well)).toMatchObject({ code: 0, stdout: "hi\n1\n", stderr: "" });
  });

  it("a limit of time ends a daemon as gently as its actor, and its bytes are no stall", async () => {
    const daemon = 'trap "echo told >&2; exit" TERM; echo up; sleep 1000 & wait';
    const flow = { actors: { a: { sh: `(setsid sh -c '${daemon}' &); exec sleep 1000`, timeout: "1s" } } };
    const { code, stderr } = await runFlow(runtime, flow);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/timeout\n[^]*^a │ told$/m) });
    const counting = "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done";
    const well = { actors: { a: { sh: `(setsid sh -c '${counting}' &); exec sleep 4`, stall: "2s" } } };
    const { stdout, ...ended } = await runFlow(runtime, well);
    expect({ stdout, ...ended }).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).toBe("1\n2\n3\n4\n5\n6\n7\n8\n");
  });

  it.each([
    ["that spins", { run: ["python3", "-c", SPIN] }, { signal: "SIGXCPU" }],
    ["that ignores SIGXCPU", { run: ["python3", "-c", DEAF] }, { signal: "SIGKILL" }],
    ["whose child spins", { sh: `python3 -c '${SPIN}'; exit $?` }, { exitCode: 152 }],
  ])("ends an actor %s at its limit of processor time", async (_, source, end) => {
    const flow = { actors: { busy: { ...source, limits: { cpu: "0.5s" } } } };
    const { code, actors, failures } = await resultOf(runtime, flow);
    expect(failures).toMatchObject([{ kind: "limit", actor: "busy", limit: "cpu", limitMs: 1000 }]);
    expect(actors["busy"]).toMatchObject({ state: "failed", ...end });
    expect(code).toBe(4);
  });

  it("tells people which limit it was, with the last lines of the actor", async () => {
    const sh = `echo begun >&2; exec python3 -c '${SPIN}'`;
    const { stderr } = await runFlow(runtime, { actors: { busy: { sh, limits: { cpu: "1s" } } } });
    expect(stderr.split("\n")).toEqual([
      "busy │ begun",
      'Actor "busy" was killed: over its cpu limit of 1 s',
      expect.stringMatching(/^ {2}command: sh -c .*echo begun/),
      "  last lines on stderr:",
      "    begun",
      "",
    ]);
  });

  it("a SIGKILL of somebody else is no limit", async () => {
    const flow = { actors: { a: { sh: "kill -9 $$", limits: { cpu: "1h", memory: "1GiB" } } } };
    const { code, failures } = await resultOf(runtime, flow);
    expect(failures).toMatchObject([{ kind: "exit", actor: "a", signal: "SIGKILL" }]);
    expect(code).toBe(1);
  });

  it("lets a program open no more files than it may, and says so when it fails", async () => {
    const open = "held = [open('/dev/null') for _ in range(100)]";
    const command = ["python3", "-c", open];
    const { code, stderr } = await runFlow(runtime, {
      actors: { a: { run: command, limits: { files: 64 } } },
    });
    expect(code).toBe(1);
    expect(stderr).toContain("Too many open files");
    expect(stderr).toContain('Actor "a" failed: exit 1\n  its limit of open files is 64\n  command: python3');
  });

  it("leaves an actor alone that stays within its limits", async () => {
    const limits = { memory: "1GiB", cpu: "30s", files: 64 };
    const command = ["sh", "-c", 'cat; echo "$1"; ulimit -S -t; ulimit -H -t; ulimit -n', "sh", "two  words"];
    const flow = {
      actors: {
        text: { value: "text\n" },
        a: { run: command, in: "text", limits },
        b: { sh: "cat; exit 3", in: "a", ok: [3], limits },
      },
    };
    const folder = makeFolder({ "flow.json": flow });
    const events = join(folder, "events");
    const ended = await run(runtime, [join(folder, "flow.json"), "--events", events]);
    expect(ended).toEqual({
      code: 0,
      signal: null,
      stdout: "text\ntwo  words\n30\n31\n64\n",
      stderr: "",
    });
    // The shell that sets the limits is not the user's.
    const started = readFileSync(events, "utf8").split("\n").filter((line) => line.includes("actor-started"));
    expect(started.map((line) => JSON.parse(line).command)).toEqual([command, ["sh", "-c", "cat; exit 3"]]);
  });

  it("counts no memory twice when an actor starts others", async () => {
    const start =
      "import subprocess\nheld = b'x' * (100 << 20)\nfor _ in range(300): subprocess.run(['true'])";
    const flow = { actors: { a: { run: ["python3", "-c", start], limits: { memory: "150MiB" } } } };
    const { code, stderr } = await runFlow(runtime, flow);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it.each([
    [{ files: 2_000_000_000 }, "2000000000 open files: the system allows"],
    [{ cpu: "24h" }, "86400 s of processor time: the system allows 3600 s at most"],
  ])("does not run an actor whose limits the system does not allow: %j", async (limits, told) => {
    const folder = makeFolder({ "flow.json": { actors: { a: { run: ["touch", "here"], limits } } } });
    // Root may raise its hard limits, unless it gives that right away.
    const prefix = process.getuid?.() === 0 ? "setpriv --bounding-set -sys_resource " : "";
    const command = [...runtime.command, join(folder, "flow.json")].map((word) => `'${word}'`).join(" ");
    const script = `ulimit -t 3600; exec ${prefix}${command}`;
    const { code, stderr } = await startCommand(["bash", "-c", script]).ended;
    expect(stderr).toContain(`Cannot limit actor "a" to ${told}`);
    expect(stderr).toContain("nothing was started");
    expect(code).toBe(2);
    expect(existsSync(join(folder, "here"))).toBe(false);
  });

  it("with `onFailure: continue` a limit ends only its actor", async () => {
    const flow = {
      onFailure: "continue",
      actors: {
        hog: { run: ["python3", "-c", TAKE], limits: { memory: "50MiB" } },
        good: { run: ["echo", "good"] },
      },
    };
    const { code, printed, failures } = await resultOf(runtime, flow);
    expect({ code, printed, failures: failures.length }).toEqual({ code: 4, printed: "good\n", failures: 1 });
  });

  it("a try that reached a limit has failed, and the next one has all of it again", async () => {
    const flow = {
      actors: {
        a: {
          sh: `echo begun; if mkdir first 2>/dev/null; then exec python3 -c '${TAKE}'; fi; echo fine`,
          limits: { memory: "50MiB" },
          retry: { max: 1, backoff: "1ms" },
        },
      },
    };
    const { code, printed, actors, failures } = await resultOf(runtime, flow);
    expect({ code, printed, failures }).toEqual({ code: 0, printed: "begun\nfine\n", failures: [] });
    expect(actors["a"]).toMatchObject({ state: "done", attempts: 2 });
  });

  it("an actor that reached a limit stops the flow", async () => {
    const flow = {
      actors: {
        hog: { run: ["python3", "-c", TAKE], limits: { memory: "50MiB" } },
        patient: { run: ["sleep", "1000"] },
      },
    };
    const { code, actors } = await resultOf(runtime, flow);
    expect(code).toBe(4);
    expect(actors["patient"]).toMatchObject({ state: "stopped", signal: "SIGTERM" });
    expect(leftovers()).toEqual([]);
  });
});

describe("where nobody may look into /proc", () => {
  it("a limit of memory is refused before anything is started", async () => {
    const deno = runtimes.find(({ name }) => name === "deno");
    const permissions = ["read", "write", "env", "run", "ffi"].map((name) => `--allow-${name}`);
    const command = deno?.command.flatMap((word) => word === "-A" ? permissions : [word]) ?? [];
    const flow = { actors: { a: { run: ["touch", "here"], limits: { memory: "1GiB" } } } };
    const folder = makeFolder({ "flow.json": flow });
    const { code, stderr } = await startCommand([...command, join(folder, "flow.json")]).ended;
    expect(stderr).toContain('Cannot limit the memory of actor "a": this program may not look into /proc');
    expect(code).toBe(2);
    expect(existsSync(join(folder, "here"))).toBe(false);
  });
});
