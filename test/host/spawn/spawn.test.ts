import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { spawnLibc } from "../../../lib/host/descriptors/libc.ts";
import { spawnProcess } from "../../../lib/host/spawn/spawn.ts";
import type { ExitStatus } from "../../../lib/host/spawn/spawned_process.ts";
import { readStat } from "../../../lib/process/proc/process_table.ts";

it.runIf(spawnLibc() !== undefined).each([
  ["exit 7", { code: 7 }],
  ["kill -TERM $$", { signal: "SIGTERM" }],
])(
  "spawnProcess() tells how %j ends while the number of the process is still its own",
  async (script, end) => {
    let pid = 0;
    const told: (readonly [ExitStatus, string | undefined])[] = [];
    const spawned = await spawnProcess({
      file: "/bin/sh",
      args: ["-c", script],
      env: {},
      cwd: "/",
      fds: new Map(),
      onExit: (status) => told.push([status, readStat(`/proc/${pid}`)?.[0]]),
    });
    pid = spawned.pid;
    expect(await spawned.exited).toEqual(end);
    expect(told).toEqual([[end, "Z"]]);
    expect(() => readFileSync(`/proc/${pid}/stat`)).toThrow();
  },
);
