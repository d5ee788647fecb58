/**
 * All edges of one run: makes what carries them and gives each process its descriptors.
 */
import type { Edge, Join, Plan } from "../core/plan.ts";
import { streamKey } from "../core/flow.ts";
import {
  closeFd,
  closeFile,
  hasLostReaders,
  kindOfFd,
  makeBlocking,
  makeEnginePipe,
  openFile,
  openNull,
} from "../host/descriptors.ts";
import type { ProcessRun } from "../process/process_run.ts";
import type { StderrHooks } from "../process/stderr_pipes.ts";
import { StderrPipes } from "../process/stderr_pipes.ts";
import type { ProcessPorts, ProcessWires, Wires } from "../process/wires.ts";
import { makeWires } from "../process/wires.ts";
import { reopenForActor } from "../host/shared_descriptors.ts";
import { ActorRun } from "./actor_run.ts";
import type { CachedActors } from "./cached_actors.ts";
import { DirectPipe } from "./direct_pipe.ts";
import type { HeldOutputs } from "./held_outputs.ts";
import type { InputFiles } from "./input_files.ts";
import type { KeptStreams } from "./kept_streams.ts";
import { numberInputs } from "./number_inputs.ts";
import type { OutputFile } from "./output_file.ts";
import type { StreamEnd } from "./output_gate.ts";
import type { RelayClient, RelayedJoin, RelayedStream } from "./relay_client.ts";
import type { RunCapture } from "./run_capture.ts";
import { isTapped } from "./is_tapped.ts";
import { wireCopy } from "./wire_copy.ts";

export class Wiring {
  readonly #actors: Map<string, ActorRun>;
  readonly #relays: RelayClient;
  readonly #plan: Plan;
  readonly #outputs: ReadonlyMap<string, OutputFile>;
  readonly #held: HeldOutputs;
  readonly #inputFiles: InputFiles;
  readonly #capture: RunCapture | undefined;
  readonly #cached: CachedActors | undefined;
  readonly #kept: KeptStreams | undefined;
  readonly #pipes = new Map<number, DirectPipe>();
  readonly #stderr: StderrPipes;
  readonly #readers = new Map<string, Edge[]>();
  readonly #edgesOut = new Map<string, Edge[]>();
  readonly #edgesIn = new Map<string, Edge[]>();
  readonly #joins = new Map<string, Join>();

  constructor(
    plan: Plan,
    options: {
      readonly relays: RelayClient;
      readonly outputs: ReadonlyMap<string, OutputFile>;
      readonly held: HeldOutputs;
      readonly inputFiles: InputFiles;
      readonly stderr: Omit<StderrHooks, "keep">;
      readonly capture: RunCapture | undefined;
      readonly cached: CachedActors | undefined;
      readonly kept: KeptStreams | undefined;
    },
  ) {
    this.#relays = options.relays;
    this.#plan = plan;
    this.#outputs = options.outputs;
    this.#held = options.held;
    this.#inputFiles = options.inputFiles;
    this.#stderr = new StderrPipes({
      ...options.stderr,
      keep: (actor) => isTapped(actor) ? options.capture?.openStderr(actor.name) : undefined,
    });
    this.#capture = options.capture;
    this.#cached = options.cached;
    this.#kept = options.kept;
    this.#actors = new Map(plan.actors.map((actor) => [actor.name, new ActorRun(actor)]));
    for (const join of plan.joins) {
      if (join.to.kind === "actor") this.#joins.set(`${join.to.actor} ${join.to.port}`, join);
      for (const edge of join.edges) this.#addEdge(edge);
    }
  }

  #addEdge(edge: Edge): void {
    const key = streamKey(edge.from);
    append(this.#readers, key, edge);
    append(this.#edgesOut, edge.from.actor, edge);
    if (edge.to.kind === "actor") append(this.#edgesIn, edge.to.actor, edge);
    if (edge.carrier === "relay" && edge.to.kind === "actor") {
      this.actors.get(edge.to.actor)?.relayedIn.push(edge);
    }
  }

  /** The relayed streams that actors write, with what to tell the actor when its readers have left. */
  readonly #ends = new Map<RelayedStream, { readonly run: ActorRun; readonly end: StreamEnd }>();

  /** Every actor of the run by name. */
  get actors(): ReadonlyMap<string, ActorRun> {
    return this.#actors;
  }

  /** An actor that was not there when the run began; nothing of it goes through the plan. */
  add(run: ActorRun): void {
    this.#actors.set(run.actor.name, run);
  }

  /** All readers of a relayed stream have left. */
  lose(stream: RelayedStream): void {
    const lost = this.#ends.get(stream);
    lost?.run.gate.lose(lost.end);
  }

  /** Makes the pipe for the standard error of a process that is wired elsewhere. */
  wireStderr(run: ProcessRun, wires: Wires): void {
    this.#stderr.wire(run, wires);
  }

  readersOf(key: string): readonly Edge[] {
    return this.#readers.get(key) ?? [];
  }

  /**
   * Makes ready what a process reads and writes. Throws the system's error; then nothing is left open. What goes
   * through relays waits then, for another try or for `abandon`.
   */
  wire(run: ActorRun): ProcessWires {
    return makeWires((wires) => this.#wire(run, wires));
  }

  #wire(run: ActorRun, wires: Wires): ProcessPorts {
    const { actor } = run;
    const inputFds = new Map(numberInputs(actor));
    const outputFds = new Map(actor.outputs.map(({ name, fd }) => [name, fd]));
    const ports = { inputFds, outputFds, inputPaths: this.#pathsOf(run) };
    if (run.copy !== undefined) {
      wireCopy(run, run.copy, {
        wires,
        relays: this.#relays,
        stderr: this.#stderr,
        streamAt: (port) => this.#relays.streamOf(this.readersOf(streamKey({ actor: actor.name, port }))[0]),
      });
      return ports;
    }
    for (const [port, fd] of inputFds) {
      const join = this.#joins.get(`${actor.name} ${port}`);
      if (join !== undefined) wires.fds.set(fd, this.#wireInput(run, join, wires));
    }
    this.#wireOutput(run, { port: "stdout", fd: 1 }, wires);
    for (const [port, fd] of outputFds) this.#wireOutput(run, { port, fd }, wires);
    this.#wireOutput(run, { port: "stderr", fd: 2 }, wires);
    return ports;
  }

  /** The ports that are given as files, but for stdin, which is opened for the actor. */
  #pathsOf({ actor }: ActorRun): ReadonlyMap<string, string> {
    const paths = new Map<string, string>();
    for (const { name, isFile } of actor.inputs) {
      const join = this.#joins.get(`${actor.name} ${name}`);
      if (isFile === true && name !== "stdin" && join !== undefined) paths.set(name, this.#pathOf(join));
    }
    return paths;
  }

  #pathOf(join: Join): string {
    const [first] = join.edges;
    const path = first?.carrier === "descriptor" ? this.#fileOf(first) : undefined;
    return path ?? this.#inputFiles.pathOf({ join });
  }

  /** What the parent of the workers is to be asked and told about its streams. */
  openPool(run: ActorRun): void {
    for (const stream of this.#streamsOf(run)) {
      const end: StreamEnd = {
        isLive: true,
        close: () => this.#relays.closeStream(stream),
        drain: () => undefined,
        hasLostReaders: () => this.#relays.isLost(stream),
        countBytes: () => this.#relays.countTaken(stream),
      };
      run.gate.add(end);
      this.#ends.set(stream, { run, end });
    }
    const stdin = this.#joins.get(`${run.actor.name} stdin`);
    if (stdin !== undefined) run.feeds.push({ kind: "relay", edges: stdin.edges });
  }

  /** No more lines are given to workers. */
  closePool(run: ActorRun): void {
    const joined = this.#relays.joinOf(this.#joins.get(`${run.actor.name} stdin`)?.edges[0]);
    if (joined !== undefined) this.#relays.dropJoin(joined);
  }

  #wireInput(run: ActorRun, join: Join, { started, notStarted }: Wires): number {
    const [first] = join.edges;
    if (first === undefined) return openNull();
    if (join.isFile === true && first.carrier === "relay") {
      const fd = openFile(this.#pathOf(join), "read");
      run.feeds.push({ kind: "file", fd });
      notStarted.push(() => closeFile(fd));
      return fd;
    }
    if (first.carrier === "pipe") {
      const pipe = this.#pipeOf(first);
      const writer = this.actors.get(first.from.actor);
      if (writer !== undefined) run.pipesIn.push({ pipe, writer });
      run.feeds.push({ kind: "unseen" });
      started.push(() => pipe.readerStarted());
      notStarted.push(() => pipe.abandon());
      return pipe.readFd;
    }
    if (first.carrier === "descriptor") return this.#wireFile(run, first, { started, notStarted });
    const joined = this.#relays.joinOf(first);
    if (joined === undefined) throw new Error(`No relay for ${run.actor.name}`);
    const { readFd, writeFd } = makeEnginePipe("write");
    run.feeds.push({ kind: "relay", edges: join.edges });
    started.push(() => {
      closeFd(readFd);
      this.#relays.openJoin(joined, { fd: writeFd, isFile: false });
    });
    notStarted.push(() => {
      closeFd(readFd);
      closeFd(writeFd);
    });
    return readFd;
  }

  /** A file or the engine's standard input, handed over as it is. */
  #wireFile(run: ActorRun, edge: Edge, { started, notStarted }: Omit<Wires, "fds">): number {
    const path = this.#fileOf(edge);
    if (path === undefined) {
      run.feeds.push({ kind: "unseen" });
      return this.#wireStandard(0, { started, notStarted });
    }
    const fd = openFile(path, "read");
    run.feeds.push({ kind: "file", fd });
    notStarted.push(() => closeFile(fd));
    return fd;
  }

  /** The engine's standard input or output: a description of its own of a pipe, else as it is. */
  #wireStandard(fd: 0 | 1, { started, notStarted }: Omit<Wires, "fds">): number {
    const own = reopenForActor(fd);
    if (own === undefined) {
      makeBlocking(fd);
      return fd;
    }
    started.push(() => closeFd(own));
    notStarted.push(() => closeFd(own));
    return own;
  }

  /** The file that an edge begins at: one of the flow, or one that the cache keeps. */
  #fileOf({ from }: Edge): string | undefined {
    const source = this.#plan.flow.actors.get(from.actor)?.source;
    return source?.kind === "file" ? source.path : this.#cached?.pathOf(from);
  }

  #wireOutput(run: ActorRun, { port, fd }: { port: string; fd: number }, wires: Wires): void {
    const key = streamKey({ actor: run.actor.name, port });
    const edges = this.readersOf(key);
    const [first] = edges;
    const kept = this.#cached?.fileFor(run, port);
    if (kept !== undefined) this.#wireKept(run, { port, fd, path: kept, isRead: first !== undefined }, wires);
    else if (first === undefined) {
      if (port === "stderr") this.#stderr.wire(run.process, wires);
      else this.#wireUnread(run, { port, fd }, wires);
    } else if (first.carrier === "pipe") this.#wireDirect(run, { edge: first, fd }, wires);
    else if (first.carrier === "descriptor") this.#wireSink(run, { edge: first, fd }, wires);
    else this.#wireRelay(run, { edge: first, fd }, wires);
  }

  /** It goes into a file of the cache; nobody gets it before the actor has ended. */
  #wireKept(
    run: ActorRun,
    { port, fd, path, isRead }: {
      readonly port: string;
      readonly fd: number;
      readonly path: string;
      readonly isRead: boolean;
    },
    wires: Wires,
  ): void {
    const file = openFile(path, "write");
    wires.fds.set(fd, file);
    wires.started.push(() => closeFile(file));
    wires.notStarted.push(() => closeFile(file));
    run.process.isGivenWhole = true;
    if (!isRead) return;
    run.gate.add({
      isLive: true,
      close: () => undefined,
      drain: () => undefined,
      hasLostReaders: () => false,
      countBytes: () => this.#cached?.countBytes(run, port),
    });
  }

  /** Nobody reads it; but it may be captured, or kept. */
  #wireUnread(run: ActorRun, { port, fd }: { port: string; fd: number }, wires: Wires): void {
    const stream = { actor: run.actor.name, port };
    const pipe = isTapped(run.actor) ? this.#capture?.openPipe(stream, { isTap: false }) : undefined;
    if (this.#kept?.has(stream.actor) === true) {
      wires.fds.set(fd, this.#kept.wire(stream, { tap: pipe, wires, ended: run.streamsEnded }));
      return;
    }
    wires.fds.set(fd, pipe?.writeFd ?? openNull());
    if (pipe === undefined) return;
    wires.started.push(() => closeFd(pipe.writeFd), pipe.started);
    wires.notStarted.push(pipe.notStarted);
  }

  #wireDirect(run: ActorRun, { edge, fd }: { edge: Edge; fd: number }, wires: Wires): void {
    const pipe = this.#pipeOf(edge);
    wires.fds.set(fd, pipe.writeFd);
    run.gate.add(pipe);
    run.pipesOut.push({ pipe, fd });
    wires.started.push(() => pipe.writerStarted());
    wires.notStarted.push(() => pipe.abandon());
  }

  #wireSink(run: ActorRun, { edge, fd }: { edge: Edge; fd: number }, wires: Wires): void {
    const file = edge.to.kind === "output" ? this.#outputs.get(edge.to.target) : undefined;
    const isPipe = file === undefined && kindOfFd(1) === "pipe";
    const given = file === undefined ? this.#wireStandard(1, wires) : this.#wireTarget(file, wires);
    wires.fds.set(fd, given);
    const hasLost = (): boolean => isPipe && hasLostReaders(1);
    this.#held.add(given, hasLost);
    run.gate.add({
      isLive: true,
      close: () => undefined,
      drain: () => undefined,
      hasLostReaders: hasLost,
      countBytes: () => file?.countBytes(),
    });
  }

  /** A file of `out`, which the process alone writes; what was opened for it is closed when it has started. */
  #wireTarget(file: OutputFile, { started, notStarted }: Wires): number {
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

  #wireRelay(run: ActorRun, { edge, fd }: { readonly edge: Edge; fd: number }, wires: Wires): void {
    const relays = this.#relays;
    const stream = relays.streamOf(edge);
    if (stream === undefined) throw new Error(`No relay for ${run.actor.name}`);
    const tap = isTapped(run.actor) ? this.#capture?.openPipe(edge.from, { isTap: true }) : undefined;
    if (tap !== undefined) wires.notStarted.push(tap.notStarted);
    const { readFd, writeFd } = makeEnginePipe("read");
    wires.fds.set(fd, writeFd);
    const end: StreamEnd = {
      isLive: true,
      close: () => relays.closeStream(stream),
      drain: () => undefined, // A relay whose edges are all dropped reads on by itself.
      hasLostReaders: () => relays.isLost(stream),
      countBytes: () => relays.countTaken(stream),
    };
    run.gate.add(end);
    this.#ends.set(stream, { run, end });
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

  /** Makes ready for another try: what the actor has written is forgotten, what it was given is given again. */
  rewind(run: ActorRun): void {
    if (run.copy !== undefined) return run.reset(); // Its pool is told.
    for (const stream of this.#streamsOf(run)) this.#relays.rewindStream(stream);
    for (const joined of this.#joinsOf(run)) this.#relays.rewindJoin(joined);
    run.reset();
  }

  /** There is no further try of an actor that had some: its output is given on if it has ended well, else forgotten. */
  settle(run: ActorRun, { isWell }: { readonly isWell: boolean }): void {
    if (run.copy !== undefined) return;
    for (const joined of this.#joinsOf(run)) this.#relays.settleJoin(joined);
    for (const stream of this.#streamsOf(run)) {
      if (isWell) this.#relays.releaseStream(stream);
      else this.#relays.closeStream(stream);
    }
  }

  #streamsOf(run: ActorRun): ReadonlySet<RelayedStream> {
    const edges = this.#edgesOut.get(run.actor.name) ?? [];
    return new Set(edges.flatMap((edge) => this.#relays.streamOf(edge) ?? []));
  }

  #joinsOf(run: ActorRun): ReadonlySet<RelayedJoin> {
    return new Set(run.relayedIn.flatMap((edge) => this.#relays.joinOf(edge) ?? []));
  }

  /** All processes have ended: tells what is left of their standard errors. */
  settleStderr(): Promise<void> {
    return this.#stderr.settle();
  }

  /** Lets go of what no process has closed. */
  close(): void {
    this.#stderr.close();
  }

  #pipeOf(edge: Edge): DirectPipe {
    const known = this.#pipes.get(edge.id);
    if (known !== undefined) return known;
    const readStreams = new Set(this.#edgesOut.get(edge.from.actor)?.map((other) => other.from.port));
    const pipe = new DirectPipe({ isReadKept: readStreams.size > 1 });
    this.#pipes.set(edge.id, pipe);
    return pipe;
  }

  /** Closes the pipes that wait for a process which will not start any more. */
  abandonUnstarted(): void {
    for (const run of this.actors.values()) {
      if (run.phase.phase === "single" && run.process.state.is === "waiting") this.abandon(run);
    }
  }

  /** An actor is not run: it reads nothing. */
  dropInputs(run: ActorRun): void {
    for (const joined of this.#joinsOf(run)) this.#relays.dropJoin(joined);
  }

  /** Ends what an actor would have written, and drops what it would have read. */
  abandon(run: ActorRun): void {
    if (run.copy !== undefined) return; // Its pool is told.
    this.dropInputs(run);
    this.#kept?.endActor(run.actor.name);
    for (const edge of this.#edgesOut.get(run.actor.name) ?? []) {
      const stream = this.#relays.streamOf(edge);
      if (stream !== undefined) this.#relays.closeStream(stream);
      this.#pipes.get(edge.id)?.writerEnded();
    }
    for (const edge of this.#edgesIn.get(run.actor.name) ?? []) {
      const pipe = this.#pipes.get(edge.id);
      if (pipe === undefined) continue;
      this.actors.get(edge.from.actor)?.gate.lose(pipe);
      pipe.readerStarted();
    }
  }
}

function append(map: Map<string, Edge[]>, key: string, edge: Edge): void {
  const edges = map.get(key);
  if (edges === undefined) map.set(key, [edge]);
  else edges.push(edge);
}
