/**
 * By what the output of a cached actor is known: what it is and is given, before it runs, and what it has read, after it.
 */
import type { CacheEntry } from "../../core/cached.ts";
import type { Actor } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import type { Hide } from "../../core/secrets.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import type { ProcessCommand } from "../../process/start/process_command.ts";
import {
  cachedEnvironment,
  identify,
  type Inherited,
  inheritedVariables,
  makeBase,
  offeredVariables,
} from "./cache_key.ts";
import type { Given, LookedUp } from "./cached_run.ts";
import { FileStates } from "../reads/file_states.ts";
import { KeptReads } from "../reads/kept_reads.ts";
import { stretchSecrets } from "../reads/stretch_secrets.ts";
import { KnownContents } from "./known_contents.ts";
import type { WatchedReads } from "./read_watch.ts";
import { ReadWatch } from "./read_watch.ts";
import { describeSystemError } from "../../host/system_error.ts";

export class CacheLookup {
  readonly contents: KnownContents;
  readonly #store: CacheStore;
  readonly #states: FileStates;
  readonly #kept: KeptReads;
  readonly #watch: ReadWatch;
  readonly #stretch: Hide;
  readonly #inherited: Inherited;
  readonly #programs = new Map<string, string>();

  /** `folder` is the run's own. */
  constructor(plan: Plan, { store, folder }: { readonly store: CacheStore; readonly folder: string }) {
    this.#store = store;
    this.#stretch = stretchSecrets(plan.flow);
    this.#inherited = inheritedVariables(this.#stretch);
    this.#states = new FileStates(store);
    this.#kept = new KeptReads(store, this.#states);
    this.#watch = new ReadWatch(this.#kept, [store.folder, folder]);
    this.contents = new KnownContents(plan, { store, states: this.#states });
  }

  /** To be asked when all inputs are complete: what ran before may have changed files. Rejects with the system's error. */
  async read({ run: { actor }, readInputs, ports }: LookedUp): Promise<Given> {
    const identity = await identify(actor, {
      states: this.#states,
      programs: this.#programs,
      stretch: this.#stretch,
      inherited: this.#inherited,
      isStderrRead: ports.includes("stderr"),
    });
    return { identity, inputs: await readInputs() };
  }

  /** What is kept of it; a promise when files have to be hashed first, after which it is to be asked again. */
  find(
    { run: { actor } }: Pick<LookedUp, "run">,
    { identity, inputs }: Given,
  ): CacheEntry | Promise<unknown> | undefined {
    const found = this.#kept.find(makeBase(identity, inputs), this.#offer(actor));
    if (found.state === "found") return this.#store.find(found.key);
    if (found.state === "none") return undefined;
    // What cannot be read is not as it was.
    return Promise.allSettled(found.paths.map((path) => this.#states.hash(path)));
  }

  /** The command by which it is run: one that is watched, where that is to be known. Rejects with the system's error. */
  async watch(actor: Actor, command: ProcessCommand): Promise<ProcessCommand> {
    const env = cachedEnvironment(actor, command.env);
    return await this.#watch.begin(actor, { ...command, env });
  }

  /** It has ended well: what is to be kept, or why nothing is. */
  async settle(cached: LookedUp, startedAt: number): Promise<WatchedReads> {
    const { given, run: { actor } } = cached;
    const contents = given === undefined
      ? []
      : [...given.identity.contents, ...given.inputs.flatMap(({ parts }) => parts)];
    const offered = this.#offer(actor);
    return await this.#watch.end(actor, { startedAt, contents, offered, base: await this.#baseOf(cached) });
  }

  #offer(actor: Actor): ReadonlyMap<string, string> {
    return offeredVariables(actor, { offered: this.#inherited.offered, stretch: this.#stretch });
  }

  /** Under what it was looked up; undefined when that is not what it has been given. */
  async #baseOf(cached: LookedUp): Promise<string | undefined> {
    const { given } = cached;
    if (given === undefined) return undefined;
    const base = makeBase(given.identity, given.inputs);
    try {
      const now = await this.read(cached);
      return makeBase(now.identity, now.inputs) === base ? base : undefined;
    } catch (error) {
      describeSystemError(error);
      return undefined; // A file is gone.
    }
  }

  /** Nobody wants to know what it has read. */
  drop(actor: Actor): void {
    this.#watch.drop(actor);
  }
}
