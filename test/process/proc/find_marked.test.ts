import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, it } from "vitest";
import { lookForMarked } from "../../../lib/process/proc/find_marked.ts";
import { readStat } from "../../../lib/process/proc/process_table.ts";
import { makeMark, markOf } from "../../../lib/process/proc/run_mark.ts";
import { sweepMarked } from "../../../lib/process/stop/stop_processes.ts";

it.runIf(process.platform === "linux")(
  "lookForMarked() finds who carries the mark, and sweepMarked() ends them, SIGTERM or not",
  async () => {
    const mark = makeMark(randomUUID());
    const env = { ...process.env, SLUICE_RUN: mark.id };
    const deaf = spawn("sh", ["-c", 'trap "" TERM; echo up; while :; do sleep 1000; done'], { env });
    const plain = spawn("sleep", ["1000"], { env });
    // Its threads are no processes.
    const threads = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => 0, 1000)"], { env });
    await Promise.all([once(deaf.stdout, "data"), once(threads.stdout, "data"), once(plain, "spawn")]);
    // By numbers that are tried, as long as few have come; by those of its range; and by all there are.
    const { first = 1, last = Infinity } = mark.range() ?? {};
    for (
      const range of [mark.range, () => ({ first, last: Math.max(last, first + 1e6) }), markOf(mark.id).range]
    ) {
      const marked = lookForMarked({ id: mark.id, range }).marked.filter((pid) => !isSleep(pid, deaf.pid));
      expect(new Set(marked)).toEqual(new Set([deaf.pid, plain.pid, threads.pid]));
      expect(marked).toHaveLength(3);
    }
    const ended = Promise.all([once(deaf, "exit"), once(plain, "exit"), once(threads, "exit")]);
    await sweepMarked(mark, 50);
    await ended;
    expect(deaf.signalCode).toBe("SIGKILL");
    expect(plain.signalCode).toBe("SIGTERM");
    expect(lookForMarked(mark).marked).toEqual([]);
  },
);

/** One that the deaf shell has started. */
function isSleep(pid: number, shell: number | undefined): boolean {
  return readStat(`/proc/${pid}`)?.[1] === String(shell);
}
