/** What an actor's children write after it has ended: kept, whatever carries it, unless they are ended with the flow. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { findCommand, makeFolder, root, run, runFlow, runtimes, start, startCommand, until } from "./rig.ts";

/** A child, a grandchild and one with a session of its own, one after the other when their parent has ended. */
const sh = [
  "(sleep 0.5; echo child) &",
  "((sleep 0.9; echo grandchild) &);",
  "setsid sh -c 'sleep 1.3; echo daemon' &",
  "echo parent",
].join(" ");
const ALL = "parent\nchild\ngrandchild\ndaemon\n";

/** The actors, each on a carrier of its own, and where their streams go. */
function makeFlow() {
  const copy = (from: string | readonly string[], more = {}) => ({ run: ["cat"], in: from, ...more });
  const actors = {
    standard: { sh },
    file: { sh },
    stderr: { sh: `{ ${sh}; } >&2` },
    port: { sh: `{ ${sh}; } >&3`, outputs: { more: 3 } },
    pipe: { sh },
    piped: copy("pipe"),
    fan: { sh },
    one: { sh },
    joined: copy(["one", "fan"]),
    two: { sh },
    merged: copy(["two", "fan"], { merge: "lines" }),
    whole: { sh },
    taken: { run: ["cat", "{in.whole}"], in: { whole: { from: "whole", as: "file" } } },
    again: { sh, retry: { max: 1 } },
    line: { value: "1\n" },
    worker: { sh: `cat >/dev/null; ${sh}`, in: "line", workers: 1 },
    cached: { sh, cache: true },
    declared: { sh, cache: true, reads: [] },
    next: copy("declared", { cache: true }),
  };
  const files = ["file", "stderr.stderr", "port.more", "piped", "fan", "joined", "merged", "taken", "again"];
  const out = [...files, "worker", "cached", "declared", "next"].map((stream) => [`out/${stream}`, stream]);
  return { actors, out: { "-": "standard", ...Object.fromEntries(out) } };
}

/** The lines of each file, sorted: those of two that write at the same time come in any order. */
function readAll(folder: string): Readonly<Record<string, string>> {
  const read = (name: string): string => readFileSync(join(folder, "out", name), "utf8");
  return Object.fromEntries(readdirSync(join(folder, "out")).map((name) => [name, sortLines(read(name))]));
}

function sortLines(text: string): string {
  return text.trim().split("\n").sort().join(" ");
}

describe.each(runtimes)("on $name", (runtime) => {
  it("what children write late is kept by each carrier", async () => {
    const flow = makeFlow();
    const folder = makeFolder({ "flow.json": flow, "out/file": "" });
    const env = { SLUICE_CACHE: join(folder, "cache") };
    const names = Object.keys(flow.out).filter((name) => name !== "-").map((name) =>
      name.slice("out/".length)
    );
    const lines = (name: string): string => sortLines(["joined", "merged"].includes(name) ? ALL + ALL : ALL);
    const wanted = {
      code: 0,
      stdout: ALL,
      stderr: "",
      ...Object.fromEntries(names.map((name) => [name, lines(name)])),
    };
    // The second time all is captured, and some of it comes from the cache.
    for (const args of [[], ["--db", join(folder, "run.db")]]) {
      const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), ...args], { env });
      expect({ code, stdout, stderr, ...readAll(folder) }).toEqual(wanted);
    }
    const db = new DatabaseSync(join(folder, "run.db"), { readOnly: true });
    const rows = db.prepare("SELECT key FROM Dict WHERE CAST(value AS TEXT) = ?").all(ALL);
    db.close();
    expect(rows.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["standard", "pipe", "cached", "next"]),
    );
  });

  it("what they write to standard error is told until the end, and holds nobody", async () => {
    const kept = "(sleep 1; echo late >&2) & echo said >&2; echo hi";
    const dropped = "setsid sh -c 'sleep 1000; echo never >&2' >/dev/null & echo hi";
    const flow = {
      actors: { a: { sh: kept }, b: { sh: dropped } },
      out: { "-": "a", "of.txt": "b" },
    };
    const ended = await runFlow(runtime, flow);
    expect(ended).toMatchObject({ code: 0, stdout: "hi\n", stderr: "a │ said\na │ late\n" });
  });

  /** Holds its output for ever. */
  const daemon = { sh: "setsid sh -c 'trap \"\" TERM; sleep 4717' & echo hi" };

  it("a daemon that keeps an output open is waited for until a limit of time", async () => {
    const timeout = "500ms";
    const limits = [
      { timeout, actors: { daemon }, out: "daemon", said: /^The flow has run for 500 ms/ },
      {
        actors: { daemon: { ...daemon, timeout } },
        out: { "of.txt": "daemon" },
        said: /^Actor "daemon" has run for 500 ms/,
      },
    ];
    for (const { said, ...flow } of limits) {
      const { code, stderr } = await runFlow(runtime, { grace: "100ms", ...flow });
      expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(said) });
    }
  });

  it("nobody is waited for when the flow is to end, or nobody reads what is written", async () => {
    const grace = "100ms";
    const failed = await runFlow(runtime, {
      grace,
      actors: { daemon, bad: { run: ["false"] } },
      out: { "of.txt": "daemon", "bad.txt": "bad" },
    });
    expect(failed.code).toBe(1);
    const folder = makeFolder({ "flow.json": { grace, actors: { daemon } } });
    const waiting = start(runtime, [join(folder, "flow.json"), "--events", "-"]);
    await until(() => findCommand("sleep 4717").length > 0 && waiting.stderr().includes('"actor-ended"'));
    waiting.child.kill("SIGTERM");
    expect((await waiting.ended).code).toBe(143);
    const unread = startCommand([
      "bash",
      "-c",
      '"$@" | true; echo ${PIPESTATUS[0]}',
      "bash",
      ...runtime.command,
      "flow.json",
    ], { cwd: folder });
    expect(await unread.ended).toMatchObject({ stdout: "0\n", stderr: "" });
  });

  it("an actor is not held by another one that writes to the same file", async () => {
    const actors = { brief: { run: ["true"], timeout: "500ms" }, long: { sh: "sleep 1; echo hi" } };
    const folder = makeFolder({
      "flow.json": { actors, out: { "/dev/stdout": "brief", "/dev/stderr": "long" } },
    });
    const { ended } = startCommand([
      "sh",
      "-c",
      '"$@" 2>&1',
      "sh",
      ...runtime.command,
      "--quiet",
      "flow.json",
    ], {
      cwd: folder,
    });
    expect(await ended).toMatchObject({ code: 0, stdout: "hi\n" });
  });
});

it("where nobody can look into processes the engine carries what is written", async () => {
  const folder = makeFolder({ "flow.json": { actors: { a: { sh } }, out: { "-": "a", "of.txt": "a" } } });
  const least = ["--allow-read", "--allow-write", "--allow-env", "--allow-run", "--allow-ffi"];
  const command = [join(root, "node_modules/.bin/deno"), "run", ...least, join(root, "mod.ts"), "flow.json"];
  const { code, stdout, stderr } = await startCommand(command, { cwd: folder }).ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: ALL, stderr: "" });
  expect(readFileSync(join(folder, "of.txt"), "utf8")).toBe(ALL);
});
