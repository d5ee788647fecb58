/**
 * Which pipe of a process is which of its ports, and what it writes to.
 */
import { identifyOpen, readDescriptor } from "./process_table.ts";
import type { ProcessRun } from "../state/process_run.ts";
import type { ProcessWires } from "../state/wires.ts";

/** Notes it in the process; to be asked while the engine still holds the descriptors. */
export function namePipes({ actor, pipes, outputs, isStderrOwn }: ProcessRun, wires: ProcessWires): void {
  const { name } = actor;
  const nameOf = (does: "reads" | "writes", port: string): string =>
    `${does} ${port === "stdin" || port === "stdout" ? name : `${name}.${port}`}`;
  const ports = new Map<number, string>([
    [1, nameOf("writes", "stdout")],
    [2, nameOf("writes", "stderr")],
    ...[...wires.inputFds].map(([port, fd]) => [fd, nameOf("reads", port)] as const),
    ...[...wires.outputFds].map(([port, fd]) => [fd, nameOf("writes", port)] as const),
  ]);
  const outputFds = new Set(wires.outputFds.values());
  for (const [number, fd] of wires.fds) {
    const pipe = readDescriptor("self", fd);
    const port = ports.get(number);
    if (pipe === undefined || port === undefined) continue;
    pipes.set(pipe, port);
    const isOutput = number === 1 || outputFds.has(number) || (number === 2 && !isStderrOwn);
    const output = isOutput ? identifyOpen("self", fd) : undefined;
    if (output !== undefined) outputs.add(output);
  }
}
