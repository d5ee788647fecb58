/**
 * What everybody is doing at a moment: for the failure that says why nothing went on.
 */
import { isProcess } from "../core/flow.ts";
import type { ActorActivity } from "../core/wait.ts";
import { readWaits } from "../process/blocked.ts";
import { readDescriptor } from "../process/process_table.ts";
import type { ActorRun } from "./actor_run.ts";
import type { ActorWires } from "./wiring.ts";

/** Notes which pipe is which port; to be asked while the engine still holds the descriptors. */
export function namePipes(run: ActorRun, wires: ActorWires): void {
  const { name } = run.actor;
  const nameOf = (does: "reads" | "writes", port: string): string =>
    `${does} ${port === "stdin" || port === "stdout" ? name : `${name}.${port}`}`;
  const ports = new Map<number, string>([
    [1, nameOf("writes", "stdout")],
    [2, nameOf("writes", "stderr")],
    ...[...wires.inputFds].map(([port, fd]) => [fd, nameOf("reads", port)] as const),
    ...[...wires.outputFds].map(([port, fd]) => [fd, nameOf("writes", port)] as const),
  ]);
  for (const [number, fd] of wires.fds) {
    const pipe = readDescriptor("self", fd);
    const port = ports.get(number);
    if (pipe !== undefined && port !== undefined) run.pipes.set(pipe, port);
  }
}

/** What each process actor that has not ended is doing. */
export function listActivities(runs: Iterable<ActorRun>): readonly ActorActivity[] {
  return [...runs]
    .filter(({ actor, phase }) => isProcess(actor) && phase.phase !== "ended" && phase.phase !== "pooled")
    .map((run) => describe(run));
}

function describe({ actor, phase, pipes }: ActorRun): ActorActivity {
  if (phase.phase !== "running") return { actor: actor.name, does: "not started", at: [] };
  const found = readWaits(phase.pid, pipes);
  switch (found.kind) {
    case "unknown":
      return { actor: actor.name, does: "unknown", at: [] };
    case "busy":
      return { actor: actor.name, does: found.why === "runs" ? "works" : found.why, at: [] };
    case "waits": {
      const at = [...new Set(found.at.flatMap(({ pipe }) => pipes.get(pipe) ?? []))];
      return { actor: actor.name, does: at.length === 0 ? "outside" : "waits", at };
    }
  }
}

/** True when the actor can do nothing but wait for the pipes it was given. */
export function waitsForOthers({ phase, pipes }: ActorRun): boolean {
  if (phase.phase !== "running") return true;
  const found = readWaits(phase.pid, pipes);
  return found.kind === "waits" && found.at.some(({ pipe }) => pipes.has(pipe));
}
