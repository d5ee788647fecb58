/**
 * A look at the running processes now and then: memory, streams closed early, and the figures for a live display.
 */
import { SAMPLE_MS, SAMPLED_MAX } from "../../core/limits/process.ts";
import type { ActorProgress } from "../../core/event.ts";
import { readMemory, readPosition, readProcessorTime } from "../../process/proc/process_table.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { RelayClient } from "../relays/relay_client.ts";

/** Starts to look; `onProgress` gets a figure for every actor each time. Returns what stops it. */
export function startSampler(
  runs: readonly ActorRun[],
  { relays, processes, onLook, onProgress }: {
    readonly relays: RelayClient;
    /** All that may be a process now, workers too. */
    readonly processes: () => readonly ProcessRun[];
    /** Is called each time. */
    readonly onLook: () => void;
    readonly onProgress: ((actors: Readonly<Record<string, ActorProgress>>) => void) | undefined;
  },
): () => void {
  let next = 0;
  const look = (): void => {
    const running = processes().filter(({ pid }) => pid !== undefined);
    const memory = new Map<string, number>();
    // A part of them each time, so that a look at thousands of processes does not hold up the engine.
    for (let count = 0; count < Math.min(running.length, SAMPLED_MAX); count++) {
      const run = running[(next + count) % running.length];
      if (run === undefined) continue;
      const { name } = run.actor;
      memory.set(name, (memory.get(name) ?? 0) + lookAt(run));
    }
    onLook();
    next = running.length === 0 ? 0 : (next + SAMPLED_MAX) % running.length;
    onProgress?.(
      Object.fromEntries(
        runs.map((
          run,
        ) => [run.actor.name, toProgress(run, { relays, memoryBytes: memory.get(run.actor.name) })]),
      ),
    );
  };
  const timer = setInterval(look, SAMPLE_MS);
  return () => clearInterval(timer);
}

/** Notes what a process holds now; returns its resident memory in bytes. */
function lookAt(run: ProcessRun): number {
  const { pid } = run;
  if (pid === undefined) return 0;
  run.lookAtOutputs(pid);
  const memory = readMemory(pid);
  run.noteMemory(memory?.peak);
  return memory?.now ?? 0;
}

/** Bytes where the engine carries them: what the system counts of a process is also what it reads of libraries. */
function toProgress(
  run: ActorRun,
  { relays, memoryBytes }: { readonly relays: RelayClient; readonly memoryBytes: number | undefined },
): ActorProgress {
  if (run.phase.phase === "ended") {
    const { state, bytesIn, bytesOut, members } = run.phase.result;
    return { state, bytesIn, bytesOut, ...members && { members: { ...members, active: 0 } } };
  }
  const bytesIn = run.countBytesIn({ ofEdges: (edges) => relays.countGiven(edges), ofFile: readPosition });
  const bytesOut = run.gate.countBytes();
  if (run.phase.phase === "pooled") {
    const { members } = run.phase;
    return {
      state: "running",
      memoryBytes,
      bytesIn,
      bytesOut,
      ...members && { members: members.counts },
    };
  }
  const { pid } = run.process;
  if (pid === undefined) return { state: "waiting", bytesIn, bytesOut };
  return { state: "running", memoryBytes, cpuMs: readProcessorTime(pid), bytesIn, bytesOut };
}
