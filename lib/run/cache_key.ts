/**
 * What a cached actor depends on, as a key: the same key, the same output. It holds no path of this machine's but those
 * that the flow itself names, so a project that was moved keeps its cache.
 */
import type { Actor } from "../core/flow.ts";
import { HASHED_AT_ONCE } from "../core/limits.ts";
import { findProgram } from "../process/preflight.ts";
import type { CacheStore } from "../store/cache_store.ts";
import { hashBytes, hashFile, stampFile } from "../store/hash_file.ts";
import { namedFiles } from "./named_files.ts";

/** What an input brings: the content of each of its streams in order, or of all of them as one. */
export interface InputContent {
  readonly port: string;
  readonly parts: readonly string[];
}

/** Changed when keys are made in another way. */
const KEY_VERSION = 1;

/** The key of an actor that is known (`identify`) and is given these inputs, in the order of the flow. */
export function makeKey(identity: string, inputs: readonly InputContent[]): string {
  return hashBytes(JSON.stringify([KEY_VERSION, identity, inputs]));
}

export class Identifier {
  readonly #store: CacheStore;
  /** What is being hashed, and what was, by path. */
  readonly #hashes = new Map<string, Promise<string>>();
  /** The files of a command that was looked at before. */
  readonly #commands = new Map<string, { readonly program: string; readonly named: readonly string[] }>();
  readonly #waiting: (() => void)[] = [];
  #free = HASHED_AT_ONCE;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /**
   * Everything but the inputs: the command, the program, the files that the command names, the environment that the
   * flow names, and the ports.
   */
  async identify(
    { source, env, cwd, ok, inputs, outputs }: Actor,
    { path, isStderrRead }: { readonly path: string | undefined; readonly isStderrRead: boolean },
  ): Promise<string> {
    const program = source.kind === "run" ? source.argv[0] : "/bin/sh";
    const search = { path: env["PATH"] ?? path, folder: cwd };
    const key = JSON.stringify([source, search]);
    // Many actors have the same command.
    const known = this.#commands.get(key) ?? {
      program: findProgram(program, search) ?? program,
      named: namedFiles(source, cwd),
    };
    this.#commands.set(key, known);
    const named = await Promise.all(known.named.map((path) => this.hashContent(path)));
    return JSON.stringify([
      source,
      await this.hashContent(known.program),
      named,
      Object.entries(env).sort(([a], [b]) => a < b ? -1 : 1),
      [...ok].sort(),
      inputs.map(({ name, merge, isFile, streams }) => [name, isFile === true, streams.length > 1 && merge]),
      outputs.map(({ name, fd }) => [name, fd]),
      isStderrRead,
    ]);
  }

  /** The content of a file; each is read once in a run, and not at all when it is known from before. */
  async hashContent(path: string): Promise<string> {
    const known = this.#hashes.get(path) ?? this.#hash(path);
    this.#hashes.set(path, known);
    return await known;
  }

  async #hash(path: string): Promise<string> {
    const stamp = stampFile(path);
    const known = stamp === undefined ? undefined : this.#store.knownHash(stamp);
    if (known !== undefined) return known;
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      const { hash } = await hashFile(path);
      if (stamp !== undefined) this.#store.noteHash(stamp, hash);
      return hash;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
