/**
 * What a process reads: a descriptor for each of its inputs.
 */
import type { Edge, Join, Plan } from "../../core/plan.ts";
import { unreachable } from "../../core/unreachable.ts";
import {
  closeFd,
  closeFile,
  makeEnginePipe,
  openFile,
  openNull,
} from "../../host/descriptors/descriptors.ts";
import type { Wires } from "../../process/state/wires.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { CachedActors } from "../cache/cached_actors.ts";
import type { DirectPipes } from "./direct_pipes.ts";
import type { InputFiles } from "./input_files.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import { wireStandard } from "./wire_standard.ts";

interface InputContext {
  readonly plan: Plan;
  readonly actors: ReadonlyMap<string, ActorRun>;
  readonly relays: Pick<RelayClient, "joinOf" | "openJoin">;
  readonly pipes: DirectPipes;
  readonly inputFiles: Pick<InputFiles, "pathOf"> | undefined;
  readonly cached: Pick<CachedActors, "pathOf"> | undefined;
}

/** How an input is given: `gathered` is a file that the engine has filled. */
export type InputWay =
  | { readonly way: "nothing" | "gathered" }
  | { readonly way: "pipe" | "descriptor" | "relay"; readonly edge: Edge };

/** Chooses how an input is given. */
export function chooseInput({ edges: [edge], isFile }: Join): InputWay {
  if (edge === undefined) return { way: "nothing" };
  if (isFile === true && edge.carrier === "relay") return { way: "gathered" };
  return { way: edge.carrier, edge };
}

export class InputWiring {
  readonly #context: InputContext;

  constructor(context: InputContext) {
    this.#context = context;
  }

  /** Makes ready one input; gives the descriptor for the process. */
  wire(run: ActorRun, join: Join, wires: Wires): number {
    const input = chooseInput(join);
    switch (input.way) {
      case "nothing":
        return openNull();
      case "gathered":
        return this.#wirePath(run, this.pathOf(join), wires);
      case "pipe":
        return this.#wirePipe(run, input.edge, wires);
      case "descriptor":
        return this.#wireFile(run, input.edge, wires);
      case "relay":
        return this.#wireRelay(run, { join, edge: input.edge }, wires);
      default:
        return unreachable(input);
    }
  }

  /** Where an input is, or will be, that is given as a file. */
  pathOf(join: Join): string {
    const [first] = join.edges;
    const path = first?.carrier === "descriptor" ? this.#fileOf(first) : undefined;
    const given = path ?? this.#context.inputFiles?.pathOf({ join });
    if (given === undefined) throw new Error("The plan has no inputs that are files");
    return given;
  }

  #wirePipe(run: ActorRun, edge: Edge, { started, notStarted }: Wires): number {
    const pipe = this.#context.pipes.of(edge);
    const writer = this.#context.actors.get(edge.from.actor);
    if (writer !== undefined) run.pipesIn.push({ pipe, writer });
    run.feeds.push({ kind: "unseen" });
    started.push(() => pipe.readerStarted());
    notStarted.push(() => pipe.abandon());
    return pipe.readFd;
  }

  /** A file or the engine's standard input, handed over as it is. */
  #wireFile(run: ActorRun, edge: Edge, wires: Wires): number {
    const path = this.#fileOf(edge);
    if (path !== undefined) return this.#wirePath(run, path, wires);
    run.feeds.push({ kind: "unseen" });
    return wireStandard(0, wires);
  }

  #wirePath(run: ActorRun, path: string, { notStarted }: Wires): number {
    const fd = openFile(path, "read");
    run.feeds.push({ kind: "file", fd });
    notStarted.push(() => closeFile(fd));
    return fd;
  }

  #wireRelay(
    run: ActorRun,
    { join, edge }: { readonly join: Join; readonly edge: Edge },
    { started, notStarted }: Wires,
  ): number {
    const { relays } = this.#context;
    const joined = relays.joinOf(edge);
    if (joined === undefined) throw new Error(`No relay for ${run.actor.name}`);
    const { readFd, writeFd } = makeEnginePipe("write");
    run.feeds.push({ kind: "relay", edges: join.edges });
    started.push(() => {
      closeFd(readFd);
      relays.openJoin(joined, { fd: writeFd, isFile: false });
    });
    notStarted.push(() => {
      closeFd(readFd);
      closeFd(writeFd);
    });
    return readFd;
  }

  /** The file that an edge begins at: one of the flow, or one that the cache keeps. */
  #fileOf({ from }: Edge): string | undefined {
    const source = this.#context.plan.flow.actors.get(from.actor)?.source;
    return source?.kind === "file" ? source.path : this.#context.cached?.pathOf(from);
  }
}
