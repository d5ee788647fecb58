/**
 * The actors of one run and their edges: gives each process its descriptors. What each edge becomes is chosen in
 * `wire_input.ts` and `wire_output.ts`; what becomes of all edges of an actor later is in `actor_edges.ts`.
 */
import type { Actor, StreamRef } from "../../core/flow.ts";
import type { Join, Plan } from "../../core/plan.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";
import type { StderrHooks } from "../../process/life/stderr_pipes.ts";
import { StderrPipes } from "../../process/life/stderr_pipes.ts";
import type { ProcessPorts, ProcessWires, Wires } from "../../process/state/wires.ts";
import { makeWires } from "../../process/state/wires.ts";
import { ActorEdges } from "./actor_edges.ts";
import { ActorRun } from "../state/actor_run.ts";
import type { CachedActors } from "../cache/cached_actors.ts";
import { DirectPipes } from "./direct_pipes.ts";
import type { HeldOutputs } from "../pipes/held_outputs.ts";
import type { InputFiles } from "./input_files.ts";
import type { KeptStreams } from "../logs/kept_streams.ts";
import { numberInputs } from "./number_inputs.ts";
import type { OutputFile } from "./output_file.ts";
import { PlanEdges } from "./plan_edges.ts";
import type { RelayClient, RelayedStream } from "../relays/relay_client.ts";
import { RelayedEnds } from "../relays/relayed_ends.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import { isTapped } from "../state/is_tapped.ts";
import type { wireCopy } from "./wire_copy.ts";
import { InputWiring } from "./wire_input.ts";
import { OutputWiring } from "./wire_output.ts";

export class Wiring {
  /** What becomes of all edges of an actor together. */
  readonly edges: ActorEdges;
  readonly #actors: Map<string, ActorRun>;
  readonly #relays: RelayClient;
  readonly #planEdges: PlanEdges;
  readonly #ends: RelayedEnds;
  readonly #stderr: StderrPipes;
  readonly #inputs: InputWiring;
  readonly #outputs: OutputWiring;
  readonly #wireWorker: typeof wireCopy | undefined;

  constructor(
    plan: Plan,
    options: {
      readonly relays: RelayClient;
      readonly outputs: ReadonlyMap<string, OutputFile>;
      readonly held: HeldOutputs;
      readonly inputFiles: InputFiles | undefined;
      /** Undefined when no actor has workers. */
      readonly wireCopy: typeof wireCopy | undefined;
      readonly stderr: Omit<StderrHooks, "keep">;
      readonly capture: RunCapture | undefined;
      readonly cached: CachedActors | undefined;
      readonly kept: KeptStreams | undefined;
    },
  ) {
    const { relays, capture } = options;
    const edges = this.#planEdges = new PlanEdges(plan);
    const actors = this.#actors = makeActorRuns(plan, edges);
    const pipes = new DirectPipes(edges);
    const ends = this.#ends = new RelayedEnds(relays);
    const stderr = this.#stderr = new StderrPipes({
      ...options.stderr,
      keep: (actor) => isTapped(actor) ? capture?.openStderr(actor.name) : undefined,
    });
    this.#relays = relays;
    this.#wireWorker = options.wireCopy;
    this.#inputs = new InputWiring({ ...options, plan, actors, pipes });
    this.#outputs = new OutputWiring({ ...options, edges, ends, pipes, stderr });
    this.edges = new ActorEdges({ ...options, actors, edges, pipes });
  }

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
    this.#ends.lose(stream);
  }

  /** Makes the pipe for the standard error of a process that is wired elsewhere. */
  wireStderr(run: ProcessRun, wires: Wires): void {
    this.#stderr.wire(run, wires);
  }

  /**
   * Makes ready what a process reads and writes. Throws the system's error; then nothing is left open. What goes
   * through relays waits then, for another try or for `edges.abandon`.
   */
  wire(run: ActorRun): ProcessWires {
    return makeWires((wires) => {
      if (run.copy?.member !== undefined) return run.copy.member.wire(wires);
      return run.copy === undefined ? this.#wire(run, wires) : this.#wireCopy(run, wires);
    });
  }

  #wire(run: ActorRun, wires: Wires): ProcessPorts {
    const ports = this.#portsOf(run);
    for (const [port, fd] of ports.inputFds) {
      const join = this.#joinAt(run, port);
      if (join !== undefined) wires.fds.set(fd, this.#inputs.wire(run, join, wires));
    }
    this.#outputs.wire(run, { port: "stdout", fd: 1 }, wires);
    for (const [port, fd] of ports.outputFds) this.#outputs.wire(run, { port, fd }, wires);
    this.#outputs.wire(run, { port: "stderr", fd: 2 }, wires);
    return ports;
  }

  #wireCopy(run: ActorRun, wires: Wires): ProcessPorts {
    const { actor: { name: actor }, copy } = run;
    if (copy === undefined || this.#wireWorker === undefined) throw new Error(`${actor} has no workers`);
    const relays = this.#relays;
    const streamAt = (port: string): RelayedStream | undefined =>
      relays.streamOf(this.#planEdges.readersOf({ actor, port })[0]);
    this.#wireWorker(run, copy, { wires, relays, stderr: this.#stderr, streamAt });
    return this.#portsOf(run);
  }

  #portsOf({ actor }: ActorRun): ProcessPorts {
    return {
      inputFds: new Map(numberInputs(actor)),
      outputFds: new Map(actor.outputs.map(({ name, fd }) => [name, fd])),
      inputPaths: this.#pathsOf(actor),
    };
  }

  /**
   * Makes ready what a process of a member reads that comes from elsewhere: a file, alike for all of them. Gives the
   * descriptor of stdin, the path of any other port, and undefined when there is none.
   */
  wireShared(run: ActorRun, { actor, port }: StreamRef, wires: Wires): number | string | undefined {
    const join = this.#planEdges.joinAt({ actor, port });
    if (join === undefined) return undefined;
    return port === "stdin" ? this.#inputs.wire(run, join, wires) : this.#inputs.pathOf(join);
  }

  /** Where it is, or will be. */
  sharedPathOf(at: { readonly actor: string; readonly port: string }): string | undefined {
    const join = this.#planEdges.joinAt(at);
    return join === undefined ? undefined : this.#inputs.pathOf(join);
  }

  /** The ports that are given as files, but for stdin, which is opened for the actor. */
  #pathsOf({ name: actor, inputs }: Actor): ReadonlyMap<string, string> {
    const paths = new Map<string, string>();
    for (const { name: port, isFile } of inputs) {
      const join = this.#planEdges.joinAt({ actor, port });
      if (isFile === true && port !== "stdin" && join !== undefined) {
        paths.set(port, this.#inputs.pathOf(join));
      }
    }
    return paths;
  }

  #joinAt({ actor: { name } }: ActorRun, port: string): Join | undefined {
    return this.#planEdges.joinAt({ actor: name, port });
  }

  /** What the parent of the workers is to be asked and told about its streams. */
  openPool(run: ActorRun): void {
    for (const stream of this.edges.streamsOf(run)) this.#ends.add(run, stream);
    const stdin = this.#joinAt(run, run.actor.members?.port ?? "stdin");
    if (stdin !== undefined) run.feeds.push({ kind: "relay", edges: stdin.edges });
  }

  /** All processes have ended: tells what is left of their standard errors. */
  settleStderr(): Promise<void> {
    return this.#stderr.settle();
  }

  /** Lets go of what no process has closed. */
  close(): void {
    this.#stderr.close();
  }
}

function makeActorRuns(plan: Plan, edges: PlanEdges): Map<string, ActorRun> {
  return new Map(plan.actors.map((actor) => {
    const run = new ActorRun(actor);
    run.relayedIn.push(...edges.into(actor.name).filter(({ carrier }) => carrier === "relay"));
    return [actor.name, run];
  }));
}
