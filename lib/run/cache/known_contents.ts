/**
 * What is known of the bytes that cached actors read: of values and files by themselves, of what other cached actors have
 * written, and of inputs that the engine has gathered in a file.
 */
import type { StreamRef } from "../../core/flow.ts";
import type { Join, Plan } from "../../core/plan.ts";
import { streamKey } from "../../core/flow.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import type { Content } from "../../store/cache/hash_file.ts";
import { ContentHasher } from "../../store/cache/hash_file.ts";
import type { InputContent } from "./cache_key.ts";
import type { FileStates } from "../reads/file_states.ts";

/** What is known of a stream: its content, and a file that holds it. */
export interface KnownStream {
  readonly hash: string;
  readonly path: string;
}

export class KnownContents {
  readonly #plan: Plan;
  readonly #store: CacheStore;
  readonly #states: FileStates;
  readonly #streams = new Map<string, KnownStream>();
  /** By actor and port. */
  readonly #gathered = new Map<string, string>();
  readonly #values = new Map<string, string>();

  constructor(plan: Plan, { store, states }: { readonly store: CacheStore; readonly states: FileStates }) {
    this.#plan = plan;
    this.#store = store;
    this.#states = states;
  }

  /** A cached actor has written all of a stream. */
  noteStream(stream: StreamRef, known: KnownStream): void {
    this.#streams.set(streamKey(stream), known);
  }

  streamOf(stream: StreamRef): KnownStream | undefined {
    return this.#streams.get(streamKey(stream));
  }

  /** An input that goes through the engine is complete. */
  noteInput({ actor, port }: { readonly actor: string; readonly port: string }, content: Content): void {
    this.#store.noteMentions(content);
    this.#gathered.set(`${actor} ${port}`, content.hash);
  }

  /** Begins to hash the files that will be read, while others still run. */
  prepare(joins: readonly Join[]): void {
    for (const { from } of joins.flatMap(({ edges }) => edges)) {
      const source = this.#plan.flow.actors.get(from.actor)?.source;
      // What goes wrong is told when it is read. What can be read once is gathered.
      if (source?.kind === "file" && !this.#plan.readOnce.has(from.actor)) {
        void this.#states.hash(source.path).catch(() => undefined);
      }
    }
  }

  /** True when all that an input brings is there. */
  isComplete(join: Join): boolean {
    const gathered = gatheredName(join);
    if (gathered !== undefined) return this.#gathered.has(gathered);
    return join.edges.every(({ from }) => this.#isSource(from.actor) || this.#streams.has(streamKey(from)));
  }

  #isSource(actor: string): boolean {
    const kind = this.#plan.flow.actors.get(actor)?.source.kind;
    return kind === "value" || kind === "file";
  }

  /** What a complete input brings. Rejects with the system's error when a file cannot be read. */
  async read(join: Join): Promise<InputContent> {
    const port = join.to.kind === "actor" ? join.to.port : "";
    const gathered = gatheredName(join);
    const whole = gathered === undefined ? undefined : this.#gathered.get(gathered);
    if (whole !== undefined) return { port, parts: [whole] };
    const parts: string[] = [];
    for (const { from } of join.edges) parts.push(await this.#hash(from));
    return { port, parts };
  }

  async #hash(stream: StreamRef): Promise<string> {
    const source = this.#plan.flow.actors.get(stream.actor)?.source;
    if (source?.kind === "file") return await this.#states.hash(source.path);
    if (source?.kind !== "value") return this.streamOf(stream)?.hash ?? "";
    const known = this.#values.get(stream.actor);
    if (known !== undefined) return known;
    const hasher = new ContentHasher();
    hasher.update(source.bytes);
    const content = hasher.end();
    this.#store.noteMentions(content);
    this.#values.set(stream.actor, content.hash);
    return content.hash;
  }
}

/** Under what an input is known that is gathered in a file; undefined for any other. */
function gatheredName({ to, isFile, edges }: Join): string | undefined {
  const isGathered = isFile === true && edges[0]?.carrier === "relay";
  return isGathered && to.kind === "actor" ? `${to.actor} ${to.port}` : undefined;
}
