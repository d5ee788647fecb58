/**
 * The processes of message actors: started when the thread of messages wants them, and ended when they do not end by
 * themselves.
 */
import type { Failure } from "../../core/failure.ts";
import type { Actor } from "../../core/flow.ts";
import { MESSAGE_PIPES_WIDE } from "../../core/limits/message.ts";
import { closeFd, makeEnginePipe } from "../../host/descriptors/descriptors.ts";
import type { ProcessPipes } from "../../message/link/pipe_link.ts";
import { inheritedEnvironment, toCommand } from "../../process/start/process_command.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import { withPythonSdk } from "../../process/start/sdk_path.ts";
import type { ProcessEnd, ProcessLife } from "../../process/life/process_life.ts";
import { ProcessRun } from "../../process/state/process_run.ts";
import type { ProcessStopper } from "../../process/stop/process_stopper.ts";
import { killLeft, signalGroup } from "../../process/stop/stop_processes.ts";
import type { ProcessPorts, Wires } from "../../process/state/wires.ts";
import { makeWires } from "../../process/state/wires.ts";
import type { MessageClient } from "./message_client.ts";
import { SharedMemory } from "./shared_memory.ts";
import type { RunState } from "../state/run_state.ts";
import type { Wiring } from "../wiring/wiring.ts";

export interface ProcessesContext {
  readonly state: RunState;
  readonly lives: ProcessLife;
  readonly wiring: Wiring;
  readonly stopper: ProcessStopper;
  readonly client: MessageClient;
  readonly folder: RunFolder;
}

/** A process in its place. */
interface Live {
  readonly id: number;
  readonly run: ProcessRun;
  readonly place: number;
}

export class MessageProcesses {
  readonly #context: ProcessesContext;
  readonly #programs = new Map<string, string>();
  readonly #env: Readonly<Record<string, string>>;
  readonly #live = new Map<number, Live>();
  /** How the last process of a place has failed. */
  readonly failures = new Map<number, Failure>();
  readonly #shared: SharedMemory;
  #next = 0;

  constructor(context: ProcessesContext) {
    this.#context = context;
    this.#shared = new SharedMemory(context.folder);
    this.#env = { ...inheritedEnvironment(context.state.id), SLUICE_PROTOCOL: "messages", SLUICE_ACK: "1" };
  }

  /** Those that run. */
  get processes(): readonly ProcessRun[] {
    return [...this.#live.values()].map(({ run }) => run);
  }

  /** Lets go of what they have shared. */
  close(): void {
    this.#shared.close();
  }

  /** Starts a process in a place; `key` is the instance that it is alone for. */
  async start(
    actor: Actor,
    { place, key }: { readonly place: number; readonly key?: string },
  ): Promise<void> {
    const { state, lives, client } = this.#context;
    const live: Live = { id: this.#next++, run: new ProcessRun(actor), place };
    const shared = this.#shared.path;
    state.takePlaces(1);
    const failure = await lives.start(live.run, {
      wire: () => this.#wire(live.run),
      toCommand: (wires) => {
        const command = toCommand({ actor }, {
          wires,
          base: this.#env,
          programs: this.#programs,
          trace: state.trace,
        });
        const supervisor = actor.messaging?.supervisor.type ?? "singleton";
        const env = withPythonSdk({ ...command.env, SLUICE_SUPERVISOR: supervisor, SLUICE_SHARED: shared });
        return { ...command, env: key === undefined ? env : { ...env, SLUICE_KEY: key } };
      },
      onStarted: ({ pid, command, wires: { inFd, outFd } }) => {
        this.#live.set(live.id, live);
        state.emit({ type: "actor-started", actor: actor.name, pid, command });
        client.say({ type: "opened", id: live.id, place, pid, inFd, outFd });
      },
      letGo: (_, { pid }) => {
        killLeft(pid); // What it has left behind writes for nobody.
        return [];
      },
      onEnded: (end) => this.#end(live, end),
    });
    if (failure === undefined) return;
    state.freePlaces(1);
    this.failures.set(place, failure);
    client.say({ type: "not-started", place });
    state.change();
  }

  #wire(run: ProcessRun) {
    const size = this.#live.size * 2 < MESSAGE_PIPES_WIDE ? "wide" : "usual";
    return makeWires((wires): ProcessPorts & ProcessPipes => {
      const ends = openPipes(wires, size);
      this.#context.wiring.wireStderr(run, wires);
      return { ...ends, inputFds: new Map([["stdin", 0]]), outputFds: new Map(), inputPaths: new Map() };
    });
  }

  #end(live: Live, { verdict, failure }: ProcessEnd): void {
    const { state, client, wiring } = this.#context;
    if (failure !== undefined) this.failures.set(live.place, failure);
    wiring.actors.get(live.run.actor.name)?.process.noteMemory(live.run.peakMemoryBytes);
    this.#live.delete(live.id);
    state.freePlaces(1);
    const { end } = verdict;
    client.say({
      type: "ended",
      process: live.id,
      isFailure: end === "failed",
      isStopped: end === "stopped",
    });
    state.change();
  }

  /** A process was told to end: when it does not within the grace it is ended. */
  drain(id: number): void {
    const live = this.#live.get(id);
    if (live !== undefined) this.#context.state.track(this.#context.stopper.stopLater(live.run));
  }

  /** A process is without one of its pipes: that is its failure, and it is ended. */
  cut(id: number, { place, failure }: { readonly place: number; readonly failure: Failure }): void {
    this.failures.set(place, failure);
    this.kill(id);
  }

  /** A process took too long: it is ended, which is no failure of it. */
  kill(id: number): void {
    const live = this.#live.get(id);
    if (live?.run.pid === undefined) return;
    live.run.isStopped = true;
    signalGroup(live.run.pid, "SIGKILL");
  }
}

/** The pipes of a process for its standard input and output; gives the engine's ends of them. */
function openPipes({ fds, started, notStarted }: Wires, size: "wide" | "usual"): ProcessPipes {
  const input = makeEnginePipe("write", size);
  notStarted.push(() => [input.readFd, input.writeFd].forEach(closeFd));
  const output = makeEnginePipe("read", size);
  notStarted.push(() => [output.readFd, output.writeFd].forEach(closeFd));
  fds.set(0, input.readFd).set(1, output.writeFd);
  started.push(() => [input.readFd, output.writeFd].forEach(closeFd));
  return { inFd: input.writeFd, outFd: output.readFd };
}
