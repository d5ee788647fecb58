/**
 * The descriptors of one worker.
 */
import { closeFd, makeEnginePipe, openNull } from "../../host/descriptors/descriptors.ts";
import type { StderrPipes } from "../../process/life/stderr_pipes.ts";
import type { Wires } from "../../process/state/wires.ts";
import type { ActorRun, CopyPlace } from "../state/actor_run.ts";
import type { RelayClient, RelayedStream } from "../relays/relay_client.ts";

/**
 * Makes the pipes of one worker: its part of stdin, and what it writes to streams that somebody reads. Files are
 * given to each of them.
 */
export function wireCopy(
  run: ActorRun,
  { pool, index }: CopyPlace,
  { wires, relays, stderr, streamAt }: {
    readonly wires: Wires;
    readonly relays: RelayClient;
    readonly stderr: StderrPipes;
    /** The relayed stream of a port, when somebody reads it. */
    readonly streamAt: (port: string) => RelayedStream | undefined;
  },
): void {
  const input = makeEnginePipe("write");
  wires.fds.set(0, input.readFd);
  const opened = [input.writeFd];
  const given = [input.readFd];
  wires.notStarted.push(() => [...opened, ...given].forEach(closeFd));
  const outFds: number[] = [];
  const ports = new Map([["stdout", 1], ...run.actor.outputs.map(({ name, fd }) => [name, fd] as const), [
    "stderr",
    2,
  ]]);
  const numbers = new Map<RelayedStream, number>();
  for (const [port, fd] of ports) {
    const stream = streamAt(port);
    if (stream !== undefined) {
      const pipe = makeEnginePipe("read");
      opened.push(pipe.readFd);
      given.push(pipe.writeFd);
      wires.fds.set(fd, pipe.writeFd);
      numbers.set(stream, pipe.readFd);
      run.gate.add({
        isLive: true,
        close: () => undefined,
        drain: () => undefined,
        hasLostReaders: () => relays.isLost(stream),
        countBytes: () => undefined,
      });
    } else if (port === "stderr") stderr.wire(run.process, wires);
    else wires.fds.set(fd, openNull());
  }
  for (const stream of relays.streams) {
    const fd = numbers.get(stream);
    if (fd !== undefined) outFds.push(fd);
  }
  wires.started.push(() => {
    given.forEach(closeFd);
    const { pid, open } = run.process;
    if (pid === undefined) return;
    relays.openCopy(pool, {
      copy: index,
      inFd: input.writeFd,
      outFds,
      pid,
      pipes: [...open.pipes.keys()],
    });
  });
}
