/**
 * What has become of each actor, and of the instances of those over sets.
 */
import type { ActorProgress, RunEvent } from "../../core/event.ts";
import { groupOf, isInstance } from "../../core/instance.ts";
import type { ActorState } from "../../core/result.ts";
import type { EdgeModel } from "./edge_model.ts";
import type { PageActor } from "./page_actor.ts";
import type { PageGroup } from "./page_run.ts";
import { Rates } from "./rates.ts";
import type { Records } from "./records.ts";
import type { WaitModel } from "./wait_model.ts";

type EventOf<Type extends RunEvent["type"]> = RunEvent & { readonly type: Type };

export class ActorModel {
  readonly #actors: Records<string, PageActor>;
  readonly #groups: Records<string, PageGroup>;
  readonly #waits: WaitModel;
  readonly #edges: EdgeModel;
  readonly #rates = new Rates();
  /** Of actors with workers: which of them live. */
  readonly #workers = new Map<string, Set<number>>();

  constructor({ actors, groups, waits, edges }: {
    readonly actors: Records<string, PageActor>;
    readonly groups: Records<string, PageGroup>;
    readonly waits: WaitModel;
    readonly edges: EdgeModel;
  }) {
    this.#actors = actors;
    this.#groups = groups;
    this.#waits = waits;
    this.#edges = edges;
  }

  start({ actor, worker, pid, command, at }: EventOf<"actor-started">): void {
    const known = this.#actors.get(actor);
    if (known === undefined) return;
    this.#waits.end(actor, at);
    this.#setState(actor, "running");
    this.#actors.change(actor, { startedAt: known.startedAt ?? at, endedAt: undefined });
    if (worker === undefined) {
      this.#actors.change(actor, { pid, ...known.command === "" && { command: command.join(" ") } });
    } else {
      const running = this.#workers.get(actor) ?? new Set();
      this.#workers.set(actor, running.add(worker));
      const count = Math.max(known.workers?.count ?? 0, running.size);
      this.#actors.change(actor, { workers: { count, running: running.size } });
    }
    if (known.attempts !== undefined) this.#actors.change(actor, { attempts: known.attempts + 1 });
    this.#edges.open(actor);
  }

  endWorker({ actor, worker }: EventOf<"worker-ended">): void {
    const running = this.#workers.get(actor);
    running?.delete(worker);
    const count = this.#actors.get(actor)?.workers?.count ?? 0;
    this.#actors.change(actor, { workers: { count, running: running?.size ?? 0 } });
  }

  end({ actor, result, at }: EventOf<"actor-ended">): void {
    this.#waits.end(actor, at);
    this.#setState(actor, result.state);
    const { startedAt, exitCode, signal, attempts, cached, peakMemoryBytes, bytesIn, bytesOut } = result;
    this.#actors.change(actor, {
      endedAt: result.endedAt ?? at,
      isPaused: undefined,
      memoryBytes: undefined,
      rateIn: undefined,
      rateOut: undefined,
      ...startedAt === undefined ? {} : { startedAt },
      ...exitCode === undefined ? {} : { exitCode },
      ...signal === undefined ? {} : { signal },
      ...attempts === undefined ? {} : { attempts },
      ...cached === true ? { cached } : {},
      ...peakMemoryBytes === undefined ? {} : { peakMemoryBytes },
      ...bytesIn === undefined ? {} : { bytesIn },
      ...bytesOut === undefined ? {} : { bytesOut },
      ...result.members === undefined ? {} : { members: { ...result.members, active: 0 } },
    });
    this.#edges.end(actor);
  }

  /** A figure of a moment. */
  noteProgress(
    name: string,
    { progress: { bytesIn, bytesOut, memoryBytes, cpuMs, members, state }, at }: {
      readonly progress: ActorProgress;
      readonly at: number;
    },
  ): void {
    const known = this.#actors.get(name);
    if (known === undefined || state !== "running" || known.endedAt !== undefined) return;
    const rateIn = this.#rates.note(`in ${name}`, bytesIn, at);
    const rateOut = this.#rates.note(`out ${name}`, bytesOut, at);
    this.#actors.change(name, {
      ...memoryBytes === undefined ? {} : {
        memoryBytes,
        peakMemoryBytes: Math.max(memoryBytes, known.peakMemoryBytes ?? 0),
      },
      ...cpuMs === undefined ? {} : { cpuMs },
      ...bytesIn === undefined ? {} : { bytesIn },
      ...bytesOut === undefined ? {} : { bytesOut },
      ...rateIn === undefined ? {} : { rateIn },
      ...rateOut === undefined ? {} : { rateOut },
      ...members === undefined ? {} : { members },
    });
  }

  noteLife({ actor, state, key, pid, at }: EventOf<"actor-state">): void {
    const known = this.#actors.get(actor);
    if (known === undefined || key !== undefined) return;
    this.#actors.change(actor, {
      life: state,
      startedAt: known.startedAt ?? at,
      ...pid === undefined ? {} : { pid },
    });
    if (known.state === "waiting" && (state === "starting" || state === "active")) {
      this.#setState(actor, "running");
      this.#edges.open(actor);
    }
  }

  addSpawned({ actor, kind, by, at }: EventOf<"actor-spawned">): void {
    this.#actors.add(actor, {
      name: actor,
      kind: kind === "messages" ? "messages" : kind === "value" ? "value" : "run",
      frames: [],
      explain: `spawned by ${by}`,
      command: "",
      state: kind === "value" ? "done" : "waiting",
      startedAt: at,
      stderr: [],
      stderrCount: 0,
    });
  }

  #setState(name: string, state: ActorState): void {
    const known = this.#actors.get(name);
    if (known === undefined || known.state === state) return;
    this.#actors.change(name, { state });
    const group = isInstance(name) ? this.#groups.get(groupOf(name)) : undefined;
    if (group === undefined) return;
    const states = { ...group.states };
    states[known.state] -= 1;
    states[state] += 1;
    this.#groups.change(group.name, { states });
  }
}
