/**
 * The actors of a run whose output is kept for later runs.
 *
 *   inputs complete ─▶ key ─▶ found ──▶ not run: its streams are what is kept
 *                             not found ▶ run: it writes into files; when it has ended well they are kept and given on
 *
 * What one of them reads is complete before it starts, so its key is known then. What it writes is given on when it has
 * ended well, as with `retry`. Between two of them no byte moves: the second one reads the file that is kept of the first.
 */
import process from "node:process";
import type { CachedStream } from "../core/cached.ts";
import type { Failure } from "../core/failure.ts";
import type { StreamRef } from "../core/flow.ts";
import { streamName } from "../core/flow.ts";
import type { Join, Plan } from "../core/plan.ts";
import { isKeptForCached } from "../graph/choose_carrier.ts";
import { streamKey } from "../graph/plan_flow.ts";
import type { CacheStore } from "../store/cache_store.ts";
import { hashBytes } from "../store/hash_file.ts";
import type { ActorRun } from "./actor_run.ts";
import type { InputContent } from "./cache_key.ts";
import { Identifier, makeKey } from "./cache_key.ts";
import { CachedOutput, sizeOf } from "./cached_output.ts";
import type { RelayClient, RelayedStream, RelayError } from "./relay_client.ts";
import { listRead } from "./run_record.ts";
import { describeSystemError } from "../host/system_error.ts";

export interface CachedActorsHooks {
  /** What the actor would write is there: it is not to be run. */
  readonly onFound: (run: ActorRun, bytes: number) => void;
  /** All that it writes is there as a file. */
  readonly onStream: (stream: StreamRef, path: string) => void;
  readonly onChange: () => void;
  /** A file could not be read. */
  readonly onFailure: (failure: Failure) => void;
  /** What was written could not be kept; nobody in this run misses it. */
  readonly onNotKept: (failure: Failure) => void;
  /** A bug. */
  readonly onError: (error: unknown) => void;
}

/** What is known of a stream: its content, and a file that holds it. */
interface KnownStream {
  readonly hash: string;
  readonly path: string;
}

/** Where the bytes of a stream are that was never written. */
const NOTHING = "/dev/null";

interface CachedRun {
  readonly run: ActorRun;
  readonly joins: readonly Join[];
  /** Ports that are kept. */
  readonly ports: readonly string[];
  identity: string | undefined;
  /** Undefined as long as it is not looked up. */
  decision: "found" | "run" | undefined;
  key: string | undefined;
  readonly output: CachedOutput;
}

export class CachedActors {
  readonly #plan: Plan;
  readonly #store: CacheStore;
  readonly #relays: RelayClient;
  readonly #isAnew: boolean;
  readonly #hooks: CachedActorsHooks;
  readonly #identifier: Identifier;
  /** The relayed streams of each actor. */
  readonly #streamsOf: ReadonlyMap<string, readonly RelayedStream[]>;
  readonly #runs = new Map<string, CachedRun>();
  readonly #streams = new Map<string, KnownStream>();
  /** The contents of inputs that were gathered in a file, by actor and port; and of values and files, by actor. */
  readonly #gathered = new Map<string, string>();
  readonly #sources = new Map<string, string>();
  /** Those of which something new is known. */
  readonly #toLookAt = new Set<CachedRun>();
  readonly #readers = new Map<string, Set<string>>();

  constructor(
    plan: Plan,
    { store, relays, isAnew, ...hooks }: CachedActorsHooks & {
      readonly store: CacheStore;
      readonly relays: RelayClient;
      /** Nothing is taken from the cache; what is written goes into it. */
      readonly isAnew: boolean;
    },
  ) {
    this.#plan = plan;
    this.#store = store;
    this.#relays = relays;
    this.#isAnew = isAnew;
    this.#hooks = hooks;
    this.#identifier = new Identifier(store);
    this.#streamsOf = groupBy(relays.streams, ({ edges }) => edges[0]?.from.actor);
  }

  /** Begins to look up the actors. */
  start(actors: ReadonlyMap<string, ActorRun>): void {
    const isStderrRead = new Set(
      listRead(this.#plan.flow).filter(({ port }) => port === "stderr").map(({ actor }) => actor),
    );
    const joinsOf = groupBy(this.#plan.joins, ({ to }) => to.kind === "actor" ? to.actor : undefined);
    for (const run of actors.values()) {
      const { actor } = run;
      if (actor.isCached !== true) continue;
      const joins = joinsOf.get(actor.name) ?? [];
      const ports = [
        "stdout",
        ...actor.outputs.map(({ name }) => name),
        ...isStderrRead.has(actor.name) ? ["stderr"] : [],
      ];
      const cached = {
        run,
        joins,
        ports,
        identity: undefined,
        decision: undefined,
        key: undefined,
        output: new CachedOutput(this.#store, this.#hooks.onNotKept),
      };
      this.#runs.set(actor.name, cached);
      for (const { edges } of joins) for (const { from } of edges) this.#addReader(from.actor, actor.name);
      this.#prepare(cached, isStderrRead.has(actor.name)).catch(this.#hooks.onError);
    }
  }

  #addReader(source: string, reader: string): void {
    const readers = this.#readers.get(source) ?? new Set();
    this.#readers.set(source, readers.add(reader));
  }

  /** Finds out what is known before anything has run. */
  async #prepare(cached: CachedRun, isStderrRead: boolean): Promise<void> {
    try {
      const names = cached.joins.flatMap(({ edges }) => edges.map(({ from }) => from.actor));
      await Promise.all([...new Set(names)].map((name) => this.#prepareSource(name)));
      const path = process.env["PATH"];
      cached.identity = await this.#identifier.identify(cached.run.actor, { path, isStderrRead });
    } catch (error) {
      describeSystemError(error);
      // A file that cannot be read is the actor's to tell, or somebody's who reads it: there is no key without it.
      cached.decision = "run";
    }
    this.#lookAtLater(cached);
  }

  async #prepareSource(name: string): Promise<void> {
    const source = this.#plan.flow.actors.get(name)?.source;
    if (source?.kind === "value") this.#sources.set(name, hashBytes(source.bytes));
    else if (source?.kind === "file") {
      this.#sources.set(name, await this.#identifier.hashContent(source.path));
    }
  }

  #lookAtLater(cached: CachedRun): void {
    this.#toLookAt.add(cached);
    this.#hooks.onChange();
  }

  /** An input that goes through the engine is complete. */
  noteInput({ actor, port }: { readonly actor: string; readonly port: string }, hash: string): void {
    this.#gathered.set(`${actor} ${port}`, hash);
    const cached = this.#runs.get(actor);
    if (cached !== undefined) this.#lookAtLater(cached);
  }

  /** Looks up all actors whose inputs are complete now. */
  lookUp(): void {
    // One that is found may make others known: those are looked at in the same go.
    for (const cached of this.#toLookAt) {
      this.#toLookAt.delete(cached);
      if (cached.decision !== undefined || cached.identity === undefined) continue;
      const inputs = cached.joins.map((join) => this.#contentOf(join));
      const known = inputs.flatMap((input) => input ?? []);
      if (known.length < inputs.length) continue;
      cached.key = makeKey(cached.identity, known);
      this.#decide(cached, cached.key);
    }
  }

  #contentOf({ to, isFile, edges }: Join): InputContent | undefined {
    const port = to.kind === "actor" ? to.port : "";
    if (isFile === true && edges[0]?.carrier === "relay") {
      const whole = this.#gathered.get(to.kind === "actor" ? `${to.actor} ${port}` : "");
      return whole === undefined ? undefined : { port, parts: [whole] };
    }
    const parts = edges.flatMap(({ from }) =>
      this.#sources.get(from.actor) ?? this.#streams.get(streamKey(from))?.hash ?? []
    );
    return parts.length < edges.length ? undefined : { port, parts };
  }

  #decide(cached: CachedRun, key: string): void {
    const entry = this.#isAnew ? undefined : this.#store.find(key);
    const streams = entry?.streams.filter(({ port }) => cached.ports.includes(port)) ?? [];
    cached.decision = streams.length < cached.ports.length ? "run" : "found";
    if (cached.decision === "run") return;
    this.#hooks.onFound(cached.run, streams.reduce((sum, { size }) => sum + size, 0));
    this.#give(cached, streams.map((stream) => ({ ...stream, path: this.#store.pathOf(stream) })));
  }

  /** True when the actor may start, as far as the cache is concerned. */
  isReady({ actor }: ActorRun): boolean {
    return actor.isCached !== true || this.#runs.get(actor.name)?.decision === "run";
  }

  /** Lets the relays read what is kept of others for an actor that is about to start. */
  openInputs({ actor, process: { attempt } }: ActorRun): void {
    if (attempt > 0) return; // Opened for its first try.
    for (const { isFile, edges } of this.#runs.get(actor.name)?.joins ?? []) {
      if (isFile === true) continue;
      for (const edge of edges) {
        const stream = this.#relays.streamOf(edge);
        const known = this.#streams.get(streamKey(edge.from));
        if (stream !== undefined && known !== undefined) this.#relays.openFile(stream, known.path);
      }
    }
  }

  /** The file that is kept of a stream. */
  pathOf(stream: StreamRef): string | undefined {
    return this.#streams.get(streamKey(stream))?.path;
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

  /** Keeps what an actor has written that has ended well, and gives it to its readers. */
  async keep({ actor }: ActorRun, durationMs: number): Promise<void> {
    const cached = this.#runs.get(actor.name);
    if (cached === undefined) return;
    const { key, output } = cached;
    this.#give(cached, await output.keep({ actor, key, flow: this.#plan.flow.name, durationMs }));
  }

  /** Forgets what an actor has written: a try has failed. */
  drop({ actor }: ActorRun): void {
    this.#runs.get(actor.name)?.output.drop();
  }

  /** The actor has failed, or was not run at all: its readers get nothing, as with `retry`. */
  fail(run: ActorRun): void {
    const cached = this.#runs.get(run.actor.name);
    if (cached === undefined) return;
    this.drop(run);
    const hash = hashBytes("");
    this.#give(cached, cached.ports.map((port) => ({ port, hash, path: NOTHING })));
  }

  /** All that an actor writes is there: whoever reads it gets it. */
  #give({ run: { actor } }: CachedRun, streams: readonly (Pick<CachedStream, "port"> & KnownStream)[]): void {
    for (const { port, hash, path } of streams) {
      const stream = { actor: actor.name, port };
      this.#streams.set(streamKey(stream), { hash, path });
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

function groupBy<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string | undefined,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = name === undefined ? undefined : groups.get(name);
    if (group !== undefined) group.push(item);
    else if (name !== undefined) groups.set(name, [item]);
  }
  return groups;
}
