/**
 * The actors of a run whose output is kept for later runs.
 *
 *   inputs complete ─▶ key ─▶ found ──▶ not run: its streams are what is kept
 *                             not found ▶ run: it is watched, and writes into files; when it has ended well they are
 *                                         kept with all that it has read, and given on
 *
 * What one of them reads is complete before it starts, so its key is known then. What it writes is given on when it has
 * ended well, as with `retry`. Between two of them no byte moves: the second one reads the file that is kept of the first.
 */
import type { CachedStream } from "../../core/cached.ts";
import type { Failure } from "../../core/failure.ts";
import type { StreamRef } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import { HASH_TRIES_MAX } from "../../core/limits/store.ts";
import type { Plan } from "../../core/plan.ts";
import { makeHide } from "../../core/secrets.ts";
import { isKeptForCached } from "../../graph/choose_carrier.ts";
import { DatabaseError } from "../../host/files/database.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import type { Content } from "../../store/cache/hash_file.ts";
import { hashBytes } from "../../store/cache/hash_file.ts";
import type { ProcessCommand } from "../../process/start/process_command.ts";
import type { ActorRun } from "../state/actor_run.ts";
import { CacheLookup } from "./cache_lookup.ts";
import { CachedOutput, sizeOf } from "./cached_output.ts";
import type { CachedRun, Given } from "./cached_run.ts";
import { groupBy, listCachedRuns } from "./cached_run.ts";
import { WholeFiles } from "../logs/whole_files.ts";
import type { KnownStream } from "./known_contents.ts";
import type { RelayClient, RelayedStream, RelayError } from "../relays/relay_client.ts";
import { describeSystemError } from "../../host/system_error.ts";

/** Told when what the actor would write is there: it is not to be run. */
type OnFound = (run: ActorRun, bytes: number) => void;

export interface CachedActorsHooks {
  /** All that it writes is there as a file. */
  readonly onStream: (stream: StreamRef, path: string) => void;
  readonly onChange: () => void;
  /** A file could not be read. */
  readonly onFailure: (failure: Failure) => void;
  /** What was written could not be kept; nobody in this run misses it. */
  readonly onNotKept: (failure: Failure) => void;
  /** An actor writes more than there is room for: it has to be ended. */
  readonly onOver: (run: ActorRun) => void;
  /** A bug. */
  readonly onError: (error: unknown) => void;
}

/** Where the bytes of a stream are that was never written. */
const NOTHING = "/dev/null";

export class CachedActors {
  readonly #plan: Plan;
  readonly store: CacheStore;
  readonly #relays: RelayClient;
  readonly #isAnew: boolean;
  readonly #hooks: CachedActorsHooks;
  readonly #lookup: CacheLookup;
  readonly #room: WholeFiles<ActorRun>;
  /** The relayed streams of each actor. */
  readonly #streamsOf: ReadonlyMap<string, readonly RelayedStream[]>;
  readonly #runs = new Map<string, CachedRun>();
  /** Those of which something new is known. */
  readonly #toLookAt = new Set<CachedRun>();
  readonly #readers = new Map<string, Set<string>>();
  #onFound: OnFound = () => undefined;

  constructor(
    plan: Plan,
    { store, relays, folder, isAnew, ...hooks }: CachedActorsHooks & {
      readonly store: CacheStore;
      readonly relays: RelayClient;
      /** The run's own. */
      readonly folder: string;
      /** Nothing is taken from the cache; what is written goes into it. */
      readonly isAnew: boolean;
    },
  ) {
    this.#plan = plan;
    this.store = store;
    this.#relays = relays;
    this.#isAnew = isAnew;
    this.#hooks = hooks;
    this.#lookup = new CacheLookup(plan, { store, folder });
    this.#room = new WholeFiles<ActorRun>({
      folder: store.folder,
      spillBytes: plan.flow.limits.spillBytes,
      onOver: (run, over) => {
        run.process.noteOver({ limit: "output", ...over, folder: store.folder });
        hooks.onOver(run);
      },
    });
    this.#streamsOf = groupBy(relays.streams, ({ edges }) => edges[0]?.from.actor);
  }

  /** Begins to look up the actors. */
  start(actors: ReadonlyMap<string, ActorRun>, { onFound }: { readonly onFound: OnFound }): void {
    this.#onFound = onFound;
    const hide = makeHide(this.#plan.flow);
    const makeOutput = (): CachedOutput =>
      new CachedOutput(this.store, { hide, onNotKept: this.#hooks.onNotKept });
    const { contents } = this.#lookup;
    for (const cached of listCachedRuns(this.#plan, { actors, makeOutput, contents })) {
      const { joins, run: { actor } } = cached;
      this.#runs.set(actor.name, cached);
      for (const { edges } of joins) for (const { from } of edges) this.#addReader(from.actor, actor.name);
      contents.prepare(joins);
      this.#lookAtLater(cached);
    }
  }

  #addReader(source: string, reader: string): void {
    const readers = this.#readers.get(source) ?? new Set();
    this.#readers.set(source, readers.add(reader));
  }

  #lookAtLater(cached: CachedRun): void {
    this.#toLookAt.add(cached);
    this.#hooks.onChange();
  }

  /** An input that goes through the engine is complete. */
  noteInput(input: { readonly actor: string; readonly port: string }, content: Content): void {
    this.#lookup.contents.noteInput(input, content);
    const cached = this.#runs.get(input.actor);
    if (cached !== undefined) this.#lookAtLater(cached);
  }

  /** Looks up all actors whose inputs are complete now. */
  lookUp(): void {
    // One that is found may make others known: those are looked at in the same go.
    for (const cached of this.#toLookAt) {
      this.#toLookAt.delete(cached);
      if (cached.decision !== undefined || cached.isBusy) continue;
      if (cached.given !== undefined) this.#decide(cached, cached.given);
      else if (cached.joins.every((join) => this.#lookup.contents.isComplete(join))) {
        this.#whenHashed(cached, this.#learn(cached));
      }
    }
  }

  /** Finds out what it is and what it is given: now, for those before it may have changed files. */
  async #learn(cached: CachedRun): Promise<void> {
    try {
      cached.given = await this.#lookup.read(cached);
    } catch (error) {
      describeSystemError(error);
      // A file that cannot be read is the actor's to tell, or somebody's who reads it: there is no key without it.
      cached.decision = "run";
    }
  }

  #whenHashed(cached: CachedRun, hashed: Promise<unknown>): void {
    cached.isBusy = true;
    hashed.then(() => {
      cached.isBusy = false;
      this.#lookAtLater(cached);
    }).catch(this.#hooks.onError);
  }

  #decide(cached: CachedRun, given: Given): void {
    try {
      const found = this.#isAnew || cached.looks === HASH_TRIES_MAX
        ? undefined
        : this.#lookup.find(cached, given);
      if (found instanceof Promise) {
        cached.looks += 1;
        return this.#whenHashed(cached, found);
      }
      const streams = found?.streams.filter(({ port }) => cached.ports.includes(port)) ?? [];
      cached.decision = streams.length < cached.ports.length ? "run" : "found";
      if (cached.decision === "run") return;
      this.#onFound(cached.run, streams.reduce((sum, { size }) => sum + size, 0));
      this.#give(cached, streams.map((stream) => ({ ...stream, path: this.store.pathOf(stream) })));
    } catch (error) {
      if (!(error instanceof DatabaseError)) describeSystemError(error);
      cached.decision = "run"; // What cannot be looked up is made anew.
    }
  }

  /** True when the actor may start, as far as the cache is concerned. */
  isReady({ actor }: ActorRun): boolean {
    return actor.isCached !== true || this.#runs.get(actor.name)?.decision === "run";
  }

  /** Lets the relays read what is kept of others for an actor that is about to start. */
  openInputs({ actor, process: { tries } }: ActorRun): void {
    if (tries.count > 0) return; // Opened for its first try.
    for (const { isFile, edges } of this.#runs.get(actor.name)?.joins ?? []) {
      if (isFile === true) continue;
      for (const edge of edges) {
        const stream = this.#relays.streamOf(edge);
        const known = this.#lookup.contents.streamOf(edge.from);
        if (stream !== undefined && known !== undefined) this.#relays.openFile(stream, known.path);
      }
    }
  }

  /** The file that is kept of a stream. */
  pathOf(stream: StreamRef): string | undefined {
    return this.#lookup.contents.streamOf(stream)?.path;
  }

  /** The file that a cached actor is to write a port into; undefined when that is not kept. */
  fileFor({ actor }: ActorRun, port: string): string | undefined {
    const cached = this.#runs.get(actor.name);
    if (cached?.ports.includes(port) !== true) return undefined;
    return cached.output.fileFor(port);
  }

  /** Bytes that an actor has written to a port so far. */
  countBytes({ actor }: ActorRun, port: string): number {
    const kept = this.pathOf({ actor: actor.name, port });
    return this.#runs.get(actor.name)?.output.sizeOf(port) ?? sizeOf(kept) ?? 0;
  }

  /** The command by which an actor is run: one that is watched, where that is to be known. */
  async watch(run: ActorRun, command: ProcessCommand): Promise<ProcessCommand> {
    const cached = this.#runs.get(run.actor.name);
    if (cached !== undefined) this.#room.start(run, () => cached.output.writtenBytes);
    return cached?.given === undefined ? command : await this.#lookup.watch(run.actor, command);
  }

  /**
   * Keeps what an actor has written that has ended well, and gives it to its readers. Gives the reason when it is not
   * kept for later runs.
   */
  async keep(
    run: ActorRun,
    { startedAt, durationMs }: { readonly startedAt: number; readonly durationMs: number },
  ): Promise<string | undefined> {
    const { actor } = run;
    const cached = this.#runs.get(actor.name);
    if (cached === undefined) return undefined;
    this.#room.end(run);
    const kept = await this.#lookup.settle(cached, startedAt);
    const entry = kept.ok ? kept : undefined;
    this.#give(cached, await cached.output.keep({ actor, entry, flow: this.#plan.flow.name, durationMs }));
    return kept.ok ? undefined : kept.reason;
  }

  /** Forgets what an actor has written: a try has failed. */
  drop(run: ActorRun): void {
    this.#room.end(run);
    this.#lookup.drop(run.actor);
    this.#runs.get(run.actor.name)?.output.drop();
  }

  /** The actor has failed, or was not run at all: its readers get nothing, as with `retry`. */
  fail(run: ActorRun): void {
    const cached = this.#runs.get(run.actor.name);
    if (cached === undefined) return;
    this.drop(run);
    const hash = hashBytes("");
    this.#give(cached, cached.ports.map((port) => ({ port, hash, path: NOTHING })));
  }

  close(): void {
    this.#room.stop();
  }

  /** All that an actor writes is there: whoever reads it gets it. */
  #give({ run: { actor } }: CachedRun, streams: readonly (Pick<CachedStream, "port"> & KnownStream)[]): void {
    for (const { port, hash, path } of streams) {
      const stream = { actor: actor.name, port };
      this.#lookup.contents.noteStream(stream, { hash, path });
      if (path !== NOTHING) this.#hooks.onStream(stream, path);
    }
    for (const stream of this.#streamsOf.get(actor.name) ?? []) {
      const [edge] = stream.edges;
      if (edge === undefined) continue;
      // What another one of them reads is opened when that is started, but for what is gathered in a file.
      const isForCached = isKeptForCached(edge, this.#plan.flow.actors);
      const path = this.pathOf(edge.from);
      if (path !== undefined && (!isForCached || this.#isGathered(edge))) this.#relays.openFile(stream, path);
    }
    for (const name of this.#readers.get(actor.name) ?? []) {
      const reader = this.#runs.get(name);
      if (reader !== undefined) this.#toLookAt.add(reader);
    }
    this.#hooks.onChange();
  }

  #isGathered(edge: RelayedStream["edges"][number]): boolean {
    return this.#relays.joinOf(edge)?.join.isFile === true;
  }

  /** A stream was read to its end, or what was kept could not be read. */
  endStream({ edges }: RelayedStream, error: RelayError | undefined): void {
    const [edge] = edges;
    if (error === undefined || edge === undefined) return;
    const path = this.pathOf(edge.from);
    if (path === undefined) return;
    const actor = streamName(edge.from);
    this.#hooks.onFailure({ kind: "read", actor, path, errno: error.code, reason: error.message });
  }
}
