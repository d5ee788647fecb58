/**
 * What a process writes: a descriptor for each of its streams, and what its gate is to know of each.
 */
import type { Edge } from "../../core/plan.ts";
import { unreachable } from "../../core/unreachable.ts";
import {
  closeFd,
  closeFile,
  hasLostReaders,
  kindOfFd,
  makeEnginePipe,
  openFile,
  openNull,
} from "../../host/descriptors/descriptors.ts";
import type { StderrPipes } from "../../process/life/stderr_pipes.ts";
import type { Wires } from "../../process/state/wires.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { CachedActors } from "../cache/cached_actors.ts";
import type { DirectPipes } from "./direct_pipes.ts";
import type { HeldOutputs } from "../pipes/held_outputs.ts";
import type { KeptStreams } from "../logs/kept_streams.ts";
import type { OutputFile } from "./output_file.ts";
import type { StreamEnd } from "../pipes/output_gate.ts";
import type { PlanEdges } from "./plan_edges.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RelayedEnds } from "../relays/relayed_ends.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import { isTapped } from "../state/is_tapped.ts";
import { wireStandard } from "./wire_standard.ts";

interface OutputContext {
  readonly edges: PlanEdges;
  readonly relays: Pick<RelayClient, "streamOf" | "openStream" | "isLost">;
  readonly ends: RelayedEnds;
  readonly pipes: DirectPipes;
  readonly stderr: StderrPipes;
  /** The files of `out` by target. */
  readonly outputs: ReadonlyMap<string, OutputFile>;
  readonly held: HeldOutputs;
  readonly capture: RunCapture | undefined;
  readonly cached: CachedActors | undefined;
  readonly kept: KeptStreams | undefined;
}

/** A stream of an actor, and the process's number for it. */
interface Output {
  readonly port: string;
  readonly fd: number;
}

/** Where what an actor writes goes: `lines` are told as events, `cached` is a file that is given on when it is whole. */
export type OutputWay =
  | { readonly way: "cached"; readonly path: string; readonly isRead: boolean }
  | { readonly way: "lines" | "unread" }
  | { readonly way: "pipe" | "descriptor" | "relay"; readonly edge: Edge };

/** Chooses where a stream goes. */
export function chooseOutput(
  port: string,
  { readers: [edge], cachedPath }: {
    readonly readers: readonly Edge[];
    /** The file of the cache that it goes into. */
    readonly cachedPath: string | undefined;
  },
): OutputWay {
  if (cachedPath !== undefined) return { way: "cached", path: cachedPath, isRead: edge !== undefined };
  if (edge === undefined) return { way: port === "stderr" ? "lines" : "unread" };
  return { way: edge.carrier, edge };
}

export class OutputWiring {
  readonly #context: OutputContext;

  constructor(context: OutputContext) {
    this.#context = context;
  }

  /** Makes ready one stream of a process. */
  wire(run: ActorRun, { port, fd }: Output, wires: Wires): void {
    const { edges, cached, stderr } = this.#context;
    const readers = edges.readersOf({ actor: run.actor.name, port });
    const output = chooseOutput(port, { readers, cachedPath: cached?.fileFor(run, port) });
    switch (output.way) {
      case "cached":
        return this.#wireCached(run, { port, fd, ...output }, wires);
      case "lines":
        return stderr.wire(run.process, wires);
      case "unread":
        return this.#wireUnread(run, { port, fd }, wires);
      case "pipe":
        return this.#wirePipe(run, { edge: output.edge, fd }, wires);
      case "descriptor":
        return this.#wireTarget(run, { edge: output.edge, fd }, wires);
      case "relay":
        return this.#wireRelay(run, { edge: output.edge, fd }, wires);
      default:
        return unreachable(output);
    }
  }

  /** It goes into a file of the cache; nobody gets it before the actor has ended. */
  #wireCached(
    run: ActorRun,
    { port, fd, path, isRead }: Output & { readonly path: string; readonly isRead: boolean },
    wires: Wires,
  ): void {
    const file = openFile(path, "write");
    wires.fds.set(fd, file);
    wires.started.push(() => closeFile(file));
    wires.notStarted.push(() => closeFile(file));
    wires.givenWhole.push(path);
    if (!isRead) return;
    run.gate.add(makeFileEnd({
      hasLostReaders: () => false,
      countBytes: () => this.#context.cached?.countBytes(run, port),
    }));
  }

  /** Nobody reads it; but it may be captured, or kept. */
  #wireUnread(run: ActorRun, { port, fd }: Output, wires: Wires): void {
    const { capture, kept } = this.#context;
    const stream = { actor: run.actor.name, port };
    const pipe = isTapped(run.actor) ? capture?.openPipe(stream, { isTap: false }) : undefined;
    if (kept?.has(stream.actor) === true) {
      wires.fds.set(fd, kept.wire(stream, { tap: pipe, wires, ended: run.streamsEnded }));
      return;
    }
    wires.fds.set(fd, pipe?.writeFd ?? openNull());
    if (pipe === undefined) return;
    wires.started.push(() => closeFd(pipe.writeFd), pipe.started);
    wires.notStarted.push(pipe.notStarted);
  }

  #wirePipe(run: ActorRun, { edge, fd }: { readonly edge: Edge; readonly fd: number }, wires: Wires): void {
    const pipe = this.#context.pipes.of(edge);
    wires.fds.set(fd, pipe.writeFd);
    run.gate.add(pipe);
    run.pipesOut.push({ pipe, fd });
    wires.started.push(() => pipe.writerStarted());
    wires.notStarted.push(() => pipe.abandon());
  }

  /** A file of `out` or the engine's standard output, handed over as it is. */
  #wireTarget(run: ActorRun, { edge, fd }: { readonly edge: Edge; readonly fd: number }, wires: Wires): void {
    const { outputs, held } = this.#context;
    const file = edge.to.kind === "output" ? outputs.get(edge.to.target) : undefined;
    const isPipe = file === undefined && kindOfFd(1) === "pipe";
    const given = file === undefined ? wireStandard(1, wires) : wireFile(file, wires);
    wires.fds.set(fd, given);
    const hasLost = (): boolean => isPipe && hasLostReaders(1);
    held.add(given, hasLost);
    run.gate.add(makeFileEnd({ hasLostReaders: hasLost, countBytes: () => file?.countBytes() }));
  }

  #wireRelay(run: ActorRun, { edge, fd }: { readonly edge: Edge; readonly fd: number }, wires: Wires): void {
    const { relays, ends, capture } = this.#context;
    const stream = relays.streamOf(edge);
    if (stream === undefined) throw new Error(`No relay for ${run.actor.name}`);
    const tap = isTapped(run.actor) ? capture?.openPipe(edge.from, { isTap: true }) : undefined;
    if (tap !== undefined) wires.notStarted.push(tap.notStarted);
    const { readFd, writeFd } = makeEnginePipe("read");
    wires.fds.set(fd, writeFd);
    const end = ends.add(run, stream);
    run.streamsEnded.push(stream.ended);
    wires.started.push(() => {
      closeFd(writeFd);
      tap?.started();
      relays.openStream(stream, { kind: "pipe", fd: readFd, tap: tap?.writeFd });
      if (relays.isLost(stream)) run.gate.lose(end);
    });
    wires.notStarted.push(() => {
      closeFd(readFd);
      closeFd(writeFd);
    });
  }
}

/** A file of `out`, which the process alone writes; what was opened for it is closed when it has started. */
function wireFile(file: OutputFile, { started, notStarted }: Wires): number {
  const { path } = file;
  if (path !== undefined) {
    const opened = openFile(path, "write");
    for (const steps of [started, notStarted]) steps.push(() => closeFile(opened));
    return opened;
  }
  const own = file.take({ isBlocking: true });
  if (own !== undefined) { for (const steps of [started, notStarted]) steps.push(() => closeFd(own)); }
  if (file.fd === undefined) throw new Error(`"${file.target}" is not open`);
  return file.fd;
}

/** What is written straight into a file: nothing can be done about it. */
function makeFileEnd(asked: Pick<StreamEnd, "hasLostReaders" | "countBytes">): StreamEnd {
  return { isLive: true, close: () => undefined, drain: () => undefined, ...asked };
}
