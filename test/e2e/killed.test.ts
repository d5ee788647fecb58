/** What is left when the engine is killed together with those that look after it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { findCommand, leftovers, makeFolder, run, type Runtime, runtimes, start, until } from "./rig.ts";

/** Ignores SIGTERM, starts others, one of them in a session of its own. */
const STUBBORN = "trap '' TERM; setsid sleep 4718 & while :; do sleep 4719; done";

/** The process ids of the watchdogs of runs in a temporary folder; they do not have the tests' environment. */
function findWatchdogs(temporary: string, role = ""): readonly number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.includes("sluice-watchdog") && words.some((word) => word.startsWith(`${temporary}/`)) &&
        (role === "" || words.includes(role));
    } catch {
      return false; // It has ended while we looked.
    }
  });
}

/** Starts a flow that never ends by itself; resolves when all of its processes are there. */
async function startLong(runtime: Runtime) {
  const temporary = makeFolder();
  const folder = makeFolder({
    "flow.json": { actors: { a: { sh: STUBBORN }, b: { run: ["cat"], in: "a" } }, out: { "out.txt": "b" } },
  });
  const { child, ended } = start(runtime, [join(folder, "flow.json")], { env: { TMPDIR: temporary } });
  // The shell and what it has started.
  await until(() => ["4718", "4719"].every((seconds) => findCommand(`sleep ${seconds}`).length > 1));
  expect(findWatchdogs(temporary)).toHaveLength(2);
  return { child, ended, temporary, folder };
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

describe.each(runtimes)("on $name", (runtime) => {
  it.each(["first", "second"])(
    "the engine and its %s watchdog killed leave no process and no file",
    async (role) => {
      const { child, ended, temporary, folder } = await startLong(runtime);
      kill(findWatchdogs(temporary, role));
      child.kill("SIGKILL");
      await ended;
      await until(() => leftovers().length === 0 && findWatchdogs(temporary).length === 0);
      expect({ temporary: readdirSync(temporary), folder: readdirSync(folder) }).toEqual({
        temporary: [],
        folder: ["flow.json"],
      });
    },
  );

  it("killed while it takes what an earlier run has built, the engine leaves no file", async () => {
    const temporary = makeFolder();
    const folder = makeFolder({
      // Large: it takes its time.
      "flow.json": {
        actors: { a: { sh: "head -c 40000000 /dev/zero" }, b: { sh: "wc -c; exit 3", in: "a" } },
      },
    });
    const words = [join(folder, "flow.json"), "--db", join(folder, "run.db")];
    expect((await run(runtime, words, { env: { TMPDIR: temporary } })).code).toBe(1);
    const { child, ended } = start(runtime, [...words, "--resume"], { env: { TMPDIR: temporary } });
    while (readdirSync(temporary).length === 0 && child.exitCode === null) await nextTurn();
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    await until(() => leftovers().length === 0 && findWatchdogs(temporary).length === 0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("what stays when all of them were killed goes with the next start", async () => {
    const { child, ended, temporary, folder } = await startLong(runtime);
    kill(findWatchdogs(temporary));
    child.kill("SIGKILL");
    await ended;
    expect(readdirSync(folder)).toHaveLength(2);
    expect(leftovers()).not.toEqual([]);
    const flow = makeFolder({ "flow.json": { actors: { a: { run: ["true"] } } } });
    expect((await run(runtime, [join(flow, "flow.json")], { env: { TMPDIR: temporary } })).code).toBe(0);
    await until(() => leftovers().length === 0);
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(folder)).toEqual(["flow.json"]);
  });
});
