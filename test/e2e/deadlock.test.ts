/** That no flow hangs: rings of waiting are resolved or told, slow readers are left alone, limits of time hold. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../lib/core/event.ts";
import { place } from "./cache_rig.ts";
import type { Runtime } from "./rig.ts";
import { diamond, LINES, SOURCE } from "./diamond.ts";
import { findCommand, makeFolder, run, runFlow, runtimes, start, startCommand, until } from "./rig.ts";

const LAST = String(LINES).padStart(109, "0");
const EXPECTED = `${LINES * 2}\n`;

const EVENT_LOOP =
  "process.stdin.on('data', (chunk) => { if (!process.stdout.write(chunk)) { process.stdin.pause(); process.stdout.once('drain', () => process.stdin.resume()); } })";
const THREADS = `
import queue, sys, threading
lines = queue.Queue(100)
def read():
    for line in sys.stdin: lines.put(line)
    lines.put(None)
threading.Thread(target=read).start()
while (line := lines.get()) is not None: sys.stdout.write(line)
`;
const BRANCHES: readonly (readonly [string, object])[] = [
  ["cat", { run: ["cat"] }],
  ["an event loop", { run: [process.execPath, "-e", EVENT_LOOP] }],
  ["threads", { run: ["python3", "-c", THREADS] }],
  ["a shell with children", { sh: "cat | cat" }],
];

/** Runs a flow and reads its events. */
async function runWithEvents(
  runtime: Runtime,
  flow: object,
  args: readonly string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string; events: readonly RunEvent[] }> {
  const folder = makeFolder({ "flow.json": flow });
  const file = join(folder, "events.ndjson");
  const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--events", file, ...args]);
  // The engine wrote them.
  const events = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as RunEvent);
  return { code, stdout, stderr, events };
}

function growths(events: readonly RunEvent[]): readonly (RunEvent & { type: "buffer-grown" })[] {
  return events.filter((event) => event.type === "buffer-grown");
}

describe.each(runtimes)("on $name", (runtime) => {
  it.each(BRANCHES)("a fan-out that is joined again ends: branches are %s", async (_, branch) => {
    const { code, stdout, stderr, events } = await runWithEvents(runtime, diamond(branch));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: EXPECTED, stderr: "" });
    const [first] = growths(events);
    expect(first).toMatchObject({ isSpilled: false });
    for (const { from, to, cycle } of growths(events)) {
      expect(cycle).toContainEqual(expect.objectContaining({ does: "write", from, to }));
      expect(cycle).toContainEqual(expect.objectContaining({ does: "read" }));
    }
  });

  it("a fan-out that is joined again ends where actors wait for what the cache keeps of others", async () => {
    const cached = (from: string | readonly string[]): object => ({ run: ["cat"], cache: true, in: from });
    const { folder, go } = place(runtime, {
      actors: {
        src: SOURCE,
        a: cached("src"),
        b: cached("src"),
        c: cached("a"),
        d: cached(["c", "b"]),
        join: { run: ["wc", "-l"], in: ["d", "src"] },
      },
    });
    expect(await go()).toMatchObject({ code: 0, stdout: `${LINES * 3}\n` });
    expect(existsSync(join(folder, "cache"))).toBe(true);
  });

  //   a5 ─▶ cached ─▶ last ─▶ out, a5 ─▶ out: a5 has ended, and what it has written last lies in its pipe.
  it("a ring of none that runs is found: one waits for a place until another one has started", async () => {
    const bytes = 1_100_000;
    const { go } = place(runtime, {
      limits: { processes: 2 },
      actors: {
        src: { run: ["head", "-c", `${bytes}`, "/dev/zero"] },
        cached: { run: ["cat"], cache: true, in: "src" },
        last: { run: ["cat"], in: "cached" },
        other: { run: ["true"] },
      },
      out: { "-": ["last", "src"], other: "other" },
    });
    const { code, stdout } = await go();
    expect({ code, length: stdout.length }).toEqual({ code: 0, length: 2 * bytes });
  });

  //   w ─▶ last ─▶ out, w.audit ─▶ out: the places of w are wanted, and what its first workers have written has no room.
  it("a ring through workers that have ended is found: what they have written waits for a reader", async () => {
    const lines = 1_000_000;
    const { code, stdout } = await runWithEvents(runtime, {
      limits: { processes: 2 },
      actors: {
        src: { run: ["seq", `${lines}`] },
        w: { run: ["tee", "{out.audit}"], outputs: { audit: 7 }, workers: 2, in: "src" },
        last: { run: ["head", "-n", "2"], in: "w" },
      },
      out: { "-": ["last", "w.audit"] },
    });
    const rows = stdout.split("\n");
    expect({ code, count: rows.length, head: rows.slice(0, 4), end: rows.at(-2) })
      .toEqual({ code: 0, count: lines + 3, head: ["1", "2", "1", "2"], end: `${lines}` });
  });

  it("named ports that are read one after the other end", async () => {
    const flow = {
      actors: {
        src: SOURCE,
        join: { sh: 'tail -n 1 "$SLUICE_IN_LEFT"; tail -n 1', in: { left: "src", stdin: "src" } },
      },
    };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${LAST}\n${LAST}\n` });
  });

  it("goes to the disk beyond limits.memory, and leaves nothing there", async () => {
    const temporary = makeFolder();
    const folder = makeFolder({ "flow.json": diamond({ run: ["cat"] }, { limits: { memory: "512KiB" } }) });
    const file = join(folder, "events.ndjson");
    const { code, stdout } = await run(runtime, [join(folder, "flow.json"), "--events", file], {
      env: { TMPDIR: temporary },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: EXPECTED });
    expect(readFileSync(file, "utf8")).toContain('"isSpilled":true');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("nothing grows for a slow reader", async () => {
    const slow =
      "import sys, time\nfor line in sys.stdin:\n  if line.endswith('000\\n'): time.sleep(0.002)\n" +
      "  sys.stdout.write(line)";
    const flow = {
      actors: {
        src: { run: ["seq", "200000"] },
        fast: { run: ["cat"], in: "src" },
        slow: { run: ["python3", "-c", slow], in: "src" },
        // Both branches are read at the same pace: a ring of edges, but no ring of waiting.
        zip: { run: ["paste", "{in.left}", "{in.right}"], in: { left: "fast", right: "slow" } },
        count: { run: ["wc", "-l"], in: "zip" },
      },
      out: "count",
    };
    const { code, stdout, events } = await runWithEvents(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "200000\n" });
    expect(growths(events)).toEqual([]);
  });

  it("resolves a ring while the rest of the flow moves, and one after the other", async () => {
    const flow = {
      actors: {
        endless: { run: ["yes"] },
        stopper: { run: ["head", "-c", "50000000"], in: "endless" },
        src: SOURCE,
        a: { run: ["cat"], in: "src" },
        b: { run: ["cat"], in: "src" },
        ab: { run: ["cat"], in: ["a", "b"] },
        c: { run: ["cat"], in: "ab" },
        d: { run: ["cat"], in: "ab" },
        join: { run: ["wc", "-l"], in: ["c", "d"] },
        size: { run: ["wc", "-c"], in: "stopper" },
      },
      out: { "-": ["join", "size"] },
    };
    const { code, stdout, events } = await runWithEvents(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${LINES * 4}\n50000000\n` });
    expect(new Set(growths(events).map(({ to }) => to)).size).toBeGreaterThan(1);
  });

  it.each([1, 2, 3, 4])("gives the same with --processes %i", async (processes) => {
    const more = { limits: { memory: "1MiB" } };
    const { code, stdout, events } = await runWithEvents(runtime, diamond({ run: ["cat"] }, more), [
      "--processes",
      String(processes),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: EXPECTED });
    let [running, most] = [0, 0];
    for (const { type } of events) {
      if (type === "actor-started") most = Math.max(most, ++running);
      else if (type === "actor-ended") running -= 1;
    }
    // An actor's end is told before its place is given on.
    expect(most).toBeLessThanOrEqual(processes);
  });

  it("gives the same with a lazy start", async () => {
    const { code, stdout } = await runFlow(runtime, diamond({ run: ["cat"] }), { args: ["--start", "lazy"] });
    expect({ code, stdout }).toEqual({ code: 0, stdout: EXPECTED });
  });

  it("waits for an actor that is stopped by a signal, and goes on with it", async () => {
    const folder = makeFolder({ "flow.json": diamond({ sh: "touch here-$$; exec cat" }) });
    const engine = start(runtime, [join(folder, "flow.json"), "--events", join(folder, "events")]);
    await until(() => readdirSync(folder).some((name) => name.startsWith("here-")));
    const pid = Number(readdirSync(folder).find((name) => name.startsWith("here-"))?.slice("here-".length));
    process.kill(pid, "SIGSTOP");
    // The rest goes on until it needs the stopped one.
    await until(() => isStopped(pid));
    process.kill(pid, "SIGCONT");
    const { code, stdout, stderr } = await engine.ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: EXPECTED, stderr: "" });
  });

  it("a killed engine leaves no spilled byte: at the latest the next start removes it", async () => {
    const temporary = makeFolder();
    const more = { limits: { memory: "256KiB" } };
    const gate = { sh: `until test -e ${join(temporary, "go")}; do sleep 0.05; done; cat` };
    const flow = {
      actors: {
        src: SOURCE,
        a: { ...gate, in: "src" },
        b: { run: ["cat"], in: "src" },
        join: { run: ["wc", "-l"], in: ["b", "a"] },
      },
      ...more,
    };
    const folder = makeFolder({ "flow.json": flow, "small.json": { actors: { a: { run: ["true"] } } } });
    const env = { TMPDIR: temporary };
    const file = join(folder, "events");
    const engine = start(runtime, [join(folder, "flow.json"), "--processes", "1", "--events", file], { env });
    await until(() => existsSync(file) && readFileSync(file, "utf8").includes('"actor":"a"'));
    engine.child.kill("SIGKILL");
    await engine.ended;
    await until(() => findCommand("sleep").length === 0);
    await run(runtime, [join(folder, "small.json")], { env });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("where the C library cannot be called", () => {
  it("the same flows end", async () => {
    const folder = makeFolder({ "flow.json": diamond({ run: ["cat"] }, { limits: { memory: "1MiB" } }) });
    const [{ command: [node, program] }] = runtimes;
    const { code, stdout } = await startCommand([node, "--no-addons", program, join(folder, "flow.json")])
      .ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: EXPECTED });
  });
});

function isStopped(pid: number): boolean {
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

describe("examples of a shell", () => {
  it("hang in bash, where the engine does not", async () => {
    const folder = makeFolder();
    const script = join(folder, "diamond.sh");
    writeFileSync(
      script,
      `mkfifo a b\n${SOURCE.run.join(" ")} | tee a > b &\ncat a b | wc -l\n`,
    );
    const { code } = await startCommand(["timeout", "-k", "1", "2", "bash", script], { cwd: folder }).ended;
    expect(code).toBe(124);
  });
});
