import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, it } from "vitest";
import { lookForMarked } from "../../../lib/process/proc/find_marked.ts";
import { makeMark, markOf } from "../../../lib/process/proc/run_mark.ts";
import { sweepMarked } from "../../../lib/process/stop/stop_processes.ts";

it.runIf(process.platform === "linux")(
  "lookForMarked() finds who carries the mark, and sweepMarked() ends them, SIGTERM or not",
  async () => {
    const mark = makeMark(randomUUID());
    const env = { ...process.env, SLUICE_RUN: mark.id };
    const deaf = spawn("sh", ["-c", 'trap "" TERM; echo up; while :; do sleep 1000; done'], { env });
    const plain = spawn("sleep", ["1000"], { env });
    await Promise.all([once(deaf.stdout, "data"), once(plain, "spawn")]);
    const { marked } = lookForMarked(mark);
    expect(marked).toEqual(expect.arrayContaining([deaf.pid, plain.pid]));
    // Also who did not see the run begin.
    expect(lookForMarked(markOf(mark.id)).marked).toEqual(expect.arrayContaining([deaf.pid, plain.pid]));
    const ended = Promise.all([once(deaf, "exit"), once(plain, "exit")]);
    await sweepMarked(mark, 50);
    await ended;
    expect(deaf.signalCode).toBe("SIGKILL");
    expect(plain.signalCode).toBe("SIGTERM");
    expect(lookForMarked(mark).marked).toEqual([]);
  },
);
