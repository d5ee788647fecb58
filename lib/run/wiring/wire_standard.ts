/**
 * The engine's own standard input or output, given to a process.
 */
import { closeFd, makeBlocking } from "../../host/descriptors/descriptors.ts";
import { reopenForActor } from "../../host/descriptors/shared_descriptors.ts";
import type { Wires } from "../../process/state/wires.ts";

/** Gives a description of its own of a pipe, anything else as it is. */
export function wireStandard(fd: 0 | 1, { started, notStarted }: Omit<Wires, "fds">): number {
  const own = reopenForActor(fd);
  if (own === undefined) {
    makeBlocking(fd);
    return fd;
  }
  started.push(() => closeFd(own));
  notStarted.push(() => closeFd(own));
  return own;
}
