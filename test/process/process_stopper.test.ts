/** Ending one process of a run, where it may be run again at once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { LeftBehind } from "../../lib/process/proc/left_behind.ts";
import { makeMark } from "../../lib/process/proc/run_mark.ts";
import { ProcessRun } from "../../lib/process/state/process_run.ts";
import { ProcessStopper } from "../../lib/process/stop/process_stopper.ts";
import { planOf } from "../run/plans.ts";

test("ProcessStopper.stop() ends a try, and leaves the next one alone", async () => {
  const mark = makeMark("stopped");
  const [actor] = planOf({ actors: { a: { run: ["sleep", "600"] } } }).actors;
  if (actor === undefined) throw new Error("one actor");
  const run = new ProcessRun(actor);
  const begin = () => {
    const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    run.state = { is: "running", pid: child.pid ?? 0, startedAt: Date.now(), command: ["sleep", "600"] };
    return child;
  };
  const first = begin();
  const stopper = new ProcessStopper(mark, {
    graceMs: 50,
    processes: () => [run],
    left: new LeftBehind(mark),
  });
  const stopped = stopper.stop(run);
  const [, signal] = await once(first, "exit");
  const second = begin();
  await stopped;
  expect(signal).toBe("SIGTERM");
  expect([second.exitCode, second.signalCode]).toEqual([null, null]);
  const ended = once(second, "exit");
  await stopper.stop(run);
  expect(await ended).toEqual([null, "SIGTERM"]);
});
