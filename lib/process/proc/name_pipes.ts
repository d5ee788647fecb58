/**
 * Which pipe of a process is which of its ports, and what it writes to.
 */
import type { Actor } from "../../core/flow.ts";
import { identifyOpen, readDescriptor } from "./process_table.ts";
import type { OpenEnds } from "../state/process_run.ts";
import type { ProcessWires } from "../state/wires.ts";

/** To be asked while the engine still holds the descriptors. */
export function namePipes({ name }: Actor, wires: ProcessWires): OpenEnds {
  const pipes = new Map<string, string>();
  const outputs = new Set<string>();
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
    const isOutput = number === 1 || outputFds.has(number) || (number === 2 && wires.stderr === undefined);
    const output = isOutput ? identifyOpen("self", fd) : undefined;
    if (output !== undefined) outputs.add(output);
  }
  return { pipes, outputs };
}
