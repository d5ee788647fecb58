/**
 * The actors that were not there when the run began: made of the definitions that others give to `$spawn`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Actor, Flow } from "../core/flow.ts";
import {
  closeFd,
  closeFile,
  makeEnginePipe,
  makeNonBlocking,
  openFile,
  openNull,
} from "../host/descriptors.ts";
import { inheritedEnvironment, toCommand } from "../process/process_command.ts";
import type { ProcessEnd, ProcessLife } from "../process/process_life.ts";
import { ProcessRun } from "../process/process_run.ts";
import type { ProcessStopper } from "../process/process_stopper.ts";
import type { RunFolder } from "../process/run_folder.ts";
import type { ProcessPorts } from "../process/wires.ts";
import { makeWires } from "../process/wires.ts";
import type { CheckedSpawn } from "./check_spawned.ts";
import { checkSpawned, kindOfSpawned, toRecords } from "./check_spawned.ts";
import type { MessageClient } from "./message_client.ts";
import type { MessageReport } from "./message_protocol.ts";
import { toSetup } from "./message_setup.ts";
import type { RunState } from "./run_state.ts";
import type { Wiring } from "./wiring.ts";

interface SpawnedContext {
  readonly flow: Flow;
  readonly state: RunState;
  readonly wiring: Wiring;
  readonly folder: RunFolder;
  readonly lives: ProcessLife;
  readonly stopper: ProcessStopper;
  readonly client: MessageClient;
}

export class SpawnedActors {
  readonly #context: SpawnedContext;
  /** All that were spawned, by name. */
  readonly actors = new Map<string, Actor>();
  /** Processes of bytes that live. */
  readonly #live = new Map<string, ProcessRun>();
  readonly #programs = new Map<string, string>();
  readonly #env: Readonly<Record<string, string>>;
  #files = 0;
  #last = Promise.resolve();

  constructor(context: SpawnedContext) {
    this.#context = context;
    this.#env = inheritedEnvironment(context.state.id);
  }

  get processes(): readonly ProcessRun[] {
    return [...this.#live.values()];
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
    const { client, flow, state } = this.#context;
    const refuse = (message: string): void =>
      client.say({ type: "spawned", request, answer: { kind: "refused", message } });
    const spawner = this.find(by.split("/")[0] ?? "");
    if (spawner === undefined) throw new Error(`Nobody is called ${by}`);
    if (flow.actors.has(name)) return refuse(`Actor '${name}' is there already`);
    if (state.isStopping) return refuse("The flow is being stopped");
    const checked = checkSpawned({ name, definition, by: spawner });
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
  ): Promise<Extract<Parameters<MessageClient["say"]>[0], { type: "spawned" }>["answer"]> {
    switch (kindOfSpawned(actor)) {
      case "messages": {
        const setup = toSetup(actor, { start: "eager" });
        if (setup === undefined) throw new Error(`"${actor.name}" takes no messages`);
        const run = this.#context.wiring.addActor(actor);
        run.phase = { phase: "pooled", startedAt: Date.now() };
        return { kind: "messages", setup, depends: inputs };
      }
      case "value":
        return {
          kind: "value",
          records: toRecords(actor.source.kind === "value" ? actor.source.bytes : new Uint8Array()),
        };
      case "bytes": {
        const values = inputs.map((name) => this.find(name)?.source);
        const wrong = inputs.find((_, at) => values[at]?.kind !== "value");
        if (wrong !== undefined) {
          const message =
            `Cannot spawn "${actor.name}": "${wrong}" is no value (a process that is spawned reads values)`;
          return { kind: "refused", message };
        }
        return await this.#start(
          actor,
          values.flatMap((source) => source?.kind === "value" ? source.bytes : []),
        );
      }
    }
  }

  /** Starts a process of bytes; gives the pipe of its standard output. */
  async #start(
    actor: Actor,
    input: readonly Uint8Array[],
  ): Promise<
    { readonly kind: "bytes"; readonly fd: number } | { readonly kind: "refused"; readonly message: string }
  > {
    const { state, lives } = this.#context;
    const run = new ProcessRun(actor);
    let fd: number | undefined;
    const failure = await lives.start(run, {
      wire: () => this.#wire(run, input),
      toCommand: (wires) => toCommand({ actor }, { wires, base: this.#env, programs: this.#programs }),
      onStarted: ({ pid, command, wires }) => {
        fd = wires.outFd;
        this.#live.set(actor.name, run);
        state.running += 1;
        state.emit({ type: "actor-started", actor: actor.name, pid, command });
      },
      onEnded: (end) => this.#end(run, end),
    });
    if (fd !== undefined) return { kind: "bytes", fd };
    const program = actor.source.kind === "run" ? actor.source.argv[0] : "sh";
    const why = failure?.errno === "ENOENT"
      ? `there is no such program in PATH: "${program}"`
      : failure?.reason;
    return { kind: "refused", message: `Cannot spawn "${actor.name}": ${why}` };
  }

  #wire(run: ProcessRun, input: readonly Uint8Array[]) {
    return makeWires(({ fds, started, notStarted }): ProcessPorts & { readonly outFd: number } => {
      const stdin = input.length === 0 ? openNull() : this.#writeInput(input);
      if (input.length > 0) [started, notStarted].forEach((steps) => steps.push(() => closeFile(stdin)));
      const { readFd, writeFd } = makeEnginePipe("read");
      notStarted.push(() => [readFd, writeFd].forEach(closeFd));
      started.push(() => closeFd(writeFd));
      makeNonBlocking(readFd);
      fds.set(0, stdin).set(1, writeFd);
      this.#context.wiring.wireStderr(run, { fds, started, notStarted });
      return { outFd: readFd, inputFds: new Map(), inputPaths: new Map(), outputFds: new Map() };
    });
  }

  #writeInput(input: readonly Uint8Array[]): number {
    const path = join(this.#context.folder.path, `spawned-${this.#files++}`);
    writeFileSync(path, input.map((bytes) => new TextDecoder().decode(bytes)).join(""));
    return openFile(path, "read");
  }

  #end({ actor: { name } }: ProcessRun, { status, verdict, result }: ProcessEnd): void {
    const { state, client } = this.#context;
    this.#live.delete(name);
    state.running -= 1;
    // Its failure is for those who depend on it: they have spawned it.
    client.say({ type: "spawned-ended", name, isFailure: verdict.end !== "done", code: status.code });
    state.emit({ type: "actor-ended", actor: name, result });
    state.change();
  }

  /** A process is to end. */
  stop(name: string): void {
    const run = this.#live.get(name);
    if (run !== undefined) this.#context.state.track(this.#context.stopper.stop(run));
  }

  /** Nobody needs those any more that still live: nobody has depended on them. */
  stopAll(): void {
    for (const name of this.#live.keys()) this.stop(name);
  }
}
