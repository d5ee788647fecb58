/**
 * The actors that were not there when the run began: made of the definitions that others give to `$spawn`.
 */
import { join } from "node:path";
import type { Actor, Flow } from "../../core/flow.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { closeFd, makeEnginePipe, makeNonBlocking, openNull } from "../../host/descriptors/descriptors.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { inheritedEnvironment, toCommand } from "../../process/start/process_command.ts";
import type { ProcessEnd, ProcessLife } from "../../process/life/process_life.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";
import type { ProcessStopper } from "../../process/stop/process_stopper.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import type { ProcessPorts } from "../../process/state/wires.ts";
import { makeWires } from "../../process/state/wires.ts";
import { ActorRun } from "../state/actor_run.ts";
import { type CheckedSpawn, checkSpawned, kindOfSpawned, toRecords } from "./check_spawned.ts";
import type { SpawnAnswer } from "../../message/system/spawn_actor.ts";
import type { MessageClient } from "../messages/message_client.ts";
import type { MessageReport } from "../messages/message_protocol.ts";
import { toSetup } from "../messages/message_setup.ts";
import { GrowingLog } from "../logs/growing_log.ts";
import { pour } from "../logs/pour.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { CheckSchemas } from "../state/run_options.ts";
import type { RunState } from "../state/run_state.ts";
import { findSources, type Sources, type SpawnedSource } from "./spawned_sources.ts";
import { SpawnedStream } from "./spawned_stream.ts";
import type { Wiring } from "../wiring/wiring.ts";

type Answer = SpawnAnswer<number>;

interface SpawnedContext {
  readonly flow: Flow;
  readonly state: RunState;
  readonly wiring: Wiring;
  readonly folder: RunFolder;
  readonly lives: ProcessLife;
  readonly stopper: ProcessStopper;
  readonly client: MessageClient;
  readonly capture: RunCapture | undefined;
  /** The streams of the flow that are kept, by name. */
  readonly kept: Sources["kept"];
  /** Finds what is wrong with what an actor accepts and emits; undefined when messages are not held against it. */
  readonly checkSchemas: CheckSchemas | undefined;
}

export class SpawnedActors {
  readonly #context: SpawnedContext;
  /** All that were spawned, by name. */
  readonly actors = new Map<string, Actor>();
  /** What the processes of bytes write, and where their lines go that become messages, while nobody depends on them. */
  readonly #streams = new Map<string, SpawnedStream>();
  readonly #unread = new Map<string, number>();
  readonly #programs = new Map<string, string>();
  readonly #env: Readonly<Record<string, string>>;
  #files = 0;
  #last = Promise.resolve();

  constructor(context: SpawnedContext) {
    this.#context = context;
    this.#env = inheritedEnvironment(context.state.id);
  }

  find(name: string): Actor | undefined {
    return this.#context.flow.actors.get(name) ?? this.actors.get(name);
  }

  /** Answers a wish, after those that came before it: one may name the other. */
  spawn(report: Extract<MessageReport, { type: "spawn" }>): Promise<void> {
    this.#last = this.#last.then(() => this.#answer(report));
    return this.#last;
  }

  async #answer({ request, by, name, definition }: Extract<MessageReport, { type: "spawn" }>): Promise<void> {
    const { client, flow, state, checkSchemas } = this.#context;
    const refuse = (message: string): void =>
      client.say({ type: "spawned", request, answer: { kind: "refused", message } });
    const spawner = this.find(by.split("/")[0] ?? "");
    if (spawner === undefined) throw new Error(`Nobody is called ${by}`);
    if (flow.actors.has(name)) return refuse(`Actor '${name}' is there already`);
    if (state.isStopping) return refuse("The flow is being stopped");
    const checked = checkSpawned({ name, definition, by: spawner, checkSchemas });
    if (!checked.ok) return refuse(checked.message);
    const answer = await this.#make(checked);
    if (answer.kind !== "refused") {
      this.actors.set(name, checked.actor);
      state.emit({ type: "actor-spawned", actor: name, by, kind: answer.kind });
    }
    client.say({ type: "spawned", request, answer });
  }

  async #make(
    { actor, inputs }: Extract<CheckedSpawn, { ok: true }>,
  ): Promise<Answer> {
    switch (kindOfSpawned(actor)) {
      case "messages": {
        const setup = toSetup(actor, { start: "eager" });
        if (setup === undefined) throw new Error(`"${actor.name}" takes no messages`);
        const run = new ActorRun(actor);
        this.#context.wiring.add(run);
        this.#context.capture?.addSpawned(actor, inputs);
        run.pool(Date.now());
        return { kind: "messages", setup, depends: inputs };
      }
      case "value":
        this.#context.wiring.add(new ActorRun(actor));
        this.#context.capture?.addSpawned(actor, inputs);
        return {
          kind: "value",
          records: toRecords(actor.source.kind === "value" ? actor.source.bytes : new Uint8Array()),
        };
      case "bytes": {
        const names = inputs;
        const sources = findSources(names, this.#sources);
        if ("problem" in sources) return refuse(actor, sources.problem);
        const taken = names.filter((name) => this.#streams.get(name)?.isKept === false);
        return await this.#start(actor, { sources, names, taken });
      }
    }
  }

  get #sources(): Sources {
    const { flow, kept } = this.#context;
    return { flow, kept, spawned: this.actors, streams: this.#streams };
  }

  /** Starts a process of bytes; gives a pipe that gets its standard output when somebody depends on it. */
  async #start(
    actor: Actor,
    { sources, names, taken }: {
      readonly sources: readonly SpawnedSource[];
      readonly names: readonly string[];
      /** Those that nobody else can read any more. */
      readonly taken: readonly string[];
    },
  ): Promise<Answer> {
    const { state, lives, wiring } = this.#context;
    const { name } = actor;
    const run = new ActorRun(actor);
    const readers: ByteReader[] = [];
    let made: { readonly fd: number; readonly stream: SpawnedStream } | undefined;
    const failure = await lives.start(run.process, {
      wire: () => this.#wire(run.process, { sources, readers }),
      toCommand: (wires) =>
        toCommand({ actor }, { wires, base: this.#env, programs: this.#programs, trace: state.trace }),
      onStarted: ({ pid, command, wires }) => {
        made = this.#open(run, { fd: wires.outFd, names });
        wiring.add(run);
        state.takePlaces(1);
        state.emit({ type: "actor-started", actor: name, pid, command });
      },
      haveReadersLeft: () => made?.stream.isAbandoned === true,
      letGo: () => {
        for (const reader of readers) reader.close();
        made?.stream.end();
        return [];
      },
      onEnded: (end) => this.#end(run, end),
    });
    if (made !== undefined) return { kind: "bytes", output: made.fd, taken };
    const program = actor.source.kind === "run" ? actor.source.argv[0] : "sh";
    return refuse(
      actor,
      failure?.errno === "ENOENT"
        ? program?.includes("/") === true
          ? `there is no such file: "${program}" (expected a program)`
          : `there is no such program in PATH: "${program}"`
        : failure?.reason ?? "it was not started",
    );
  }

  #wire(
    run: ProcessRun,
    { sources, readers }: { readonly sources: readonly SpawnedSource[]; readonly readers: ByteReader[] },
  ) {
    return makeWires((wires): ProcessPorts & { readonly outFd: number } => {
      const { fds, started, notStarted } = wires;
      const input = sources.length === 0 ? undefined : makeEnginePipe("write");
      if (input !== undefined) notStarted.push(() => [input.readFd, input.writeFd].forEach(closeFd));
      const { readFd, writeFd } = makeEnginePipe("read");
      notStarted.push(() => [readFd, writeFd].forEach(closeFd));
      started.push(() => closeFd(writeFd));
      fds.set(0, input?.readFd ?? openNull()).set(1, writeFd);
      this.#context.wiring.wireStderr(run, wires);
      if (input !== undefined) {
        started.push(() => {
          closeFd(input.readFd);
          this.#pour(run.actor.name, { sources, readers, fd: input.writeFd });
        });
      }
      return {
        outFd: readFd,
        inputFds: new Map([["stdin", 0]]),
        inputPaths: new Map(),
        outputFds: new Map(),
      };
    });
  }

  /** Gives a process what it reads. */
  #pour(
    name: string,
    { sources, readers, fd }: {
      readonly sources: readonly SpawnedSource[];
      readonly readers: ByteReader[];
      readonly fd: number;
    },
  ): void {
    try {
      for (const { open } of sources) readers.push(open());
    } catch (error) {
      this.#fail(name, error); // A file that was there is not any more: it gets what there is.
    }
    pour(readers, fd).catch((error: unknown) => this.#fail(name, error));
  }

  /** Opens the output of a process that has just started. */
  #open(
    { actor, streamsEnded }: ActorRun,
    { fd, names }: { readonly fd: number; readonly names: readonly string[] },
  ): { readonly fd: number; readonly stream: SpawnedStream } {
    const { capture, folder } = this.#context;
    const { name } = actor;
    const isKept = actor.isKept === true;
    const log = isKept || capture !== undefined
      ? new GrowingLog(join(folder.path, `spawned-${this.#files++}`))
      : undefined;
    const stream = new SpawnedStream({ fd, log, isKept, onError: (error) => this.#fail(name, error) });
    this.#streams.get(name)?.close();
    this.#streams.set(name, stream);
    const tap = capture?.addSpawned(actor, names);
    if (tap !== undefined && log !== undefined) {
      tap.started();
      const captured = pour([log.open()], tap.writeFd);
      streamsEnded.push(captured.catch((error: unknown) => this.#fail(name, error)));
    }
    const pipe = makeEnginePipe("write");
    makeNonBlocking(pipe.readFd);
    const unread = this.#unread.get(name);
    if (unread !== undefined) closeFd(unread);
    this.#unread.set(name, pipe.writeFd);
    return { fd: pipe.readFd, stream };
  }

  /** Somebody depends on a process: what it writes become messages. */
  read(name: string): void {
    const fd = this.#unread.get(name);
    const stream = this.#streams.get(name);
    if (fd === undefined || stream === undefined) return;
    this.#unread.delete(name);
    pour([stream.open()], fd).catch((error: unknown) => this.#fail(name, error));
  }

  /** What it reads or writes can be read or kept no further. */
  #fail(actor: string, error: unknown): void {
    const { state } = this.#context;
    try {
      const { errno, reason } = describeSystemError(error);
      state.fail({ kind: "write", target: actor, errno, reason });
    } catch (bug) {
      state.reportBug(bug);
    }
  }

  #end(run: ActorRun, { status, verdict, result }: ProcessEnd): void {
    const { state, client, capture } = this.#context;
    const { name } = run.actor;
    run.end(result);
    state.freePlaces(1);
    if (verdict.end !== "stopped" && status.signal === undefined) capture?.noteFinished(name);
    // Its failure is for those who depend on it: they have spawned it.
    client.say({ type: "spawned-ended", name, end: verdict.end, code: status.code });
    state.emit({ type: "actor-ended", actor: name, result });
    state.change();
  }

  /** Lets go of what nobody has read. */
  close(): void {
    for (const fd of this.#unread.values()) closeFd(fd);
    this.#unread.clear();
    for (const stream of this.#streams.values()) stream.close();
  }

  /** A process is to end. */
  stop(name: string): void {
    const run = this.#context.wiring.actors.get(name)?.process;
    if (run !== undefined) this.#context.state.track(this.#context.stopper.stop(run));
  }

  /** Nobody needs those any more that still live: nobody has depended on them. */
  stopAll(): void {
    for (const name of this.#streams.keys()) this.stop(name);
  }
}

function refuse({ name }: Actor, why: string): Extract<Answer, { kind: "refused" }> {
  return { kind: "refused", message: `Cannot spawn "${name}": ${why}` };
}
