/**
 * What an actor has read by itself, as the cache keeps it beside its output: when all of it is the same, and the command
 * and the inputs are, the output is too.
 *
 *   ["content", "/home/ada/words.txt", "f 12 1f3a…"]   ["variable", "SLUICE_PARAM_LEVEL", "9b2c…"]
 */
import { FILE_CLOCK_MS } from "../../core/limits/store.ts";
import { readProgramHead } from "../../host/spawn/program_file.ts";
import type { FileAccess } from "../../process/trace/file_access.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import { hashBytes } from "../../store/cache/hash_file.ts";
import { isMentioned } from "../../store/cache/mentions.ts";
import type { FileStates, StateKind } from "./file_states.ts";
import { ABSENT, hashNames } from "./file_states.ts";
import type { SeenRead } from "./seen_reads.ts";
import { collectReads } from "./seen_reads.ts";

/** What was read, what it was, and the names that do not count. */
type KeptRead = readonly [kind: StateKind | "variable", path: string, state: string, ...without: string[]];

export type Found =
  | { readonly state: "found"; readonly key: string }
  | { readonly state: "none" }
  /** These files have to be hashed first. */
  | { readonly state: "unknown"; readonly paths: readonly string[] };

export type Kept =
  | { readonly ok: true; readonly key: string; readonly reads: string }
  | { readonly ok: false; readonly reason: string };

export class KeptReads {
  readonly #store: CacheStore;
  readonly #states: FileStates;

  constructor(store: CacheStore, states: FileStates) {
    this.#store = store;
    this.#states = states;
  }

  /** The entry whose reads are all as they were. */
  find(base: string, offered: ReadonlyMap<string, string>): Found {
    const paths = new Set<string>();
    for (const { key, reads } of this.#store.listVariants(base)) {
      // Only `keep` has written it.
      const kept = JSON.parse(reads) as readonly KeptRead[];
      const unknown: string[] = [];
      const isSame = kept.every(([kind, path, state, ...without]) => {
        if (kind === "variable") return hashBytes(offered.get(path) ?? "") === state;
        const { text } = this.#states.look(path, kind, without);
        if (text === undefined) unknown.push(path);
        return text === undefined || text === state;
      });
      if (isSame && unknown.length === 0) return { state: "found", key };
      if (isSame) { for (const path of unknown) paths.add(path); }
    }
    return paths.size === 0 ? { state: "none" } : { state: "unknown", paths: [...paths] };
  }

  /** What is to be kept of an actor that was watched; `accesses` is undefined for one that declares what it reads. */
  async keep({ base, accesses, skipped, startedAt, mentions, contents, offered }: {
    readonly base: string;
    readonly accesses: readonly FileAccess[] | undefined;
    readonly skipped: readonly string[];
    readonly startedAt: number;
    /** Variables that its command names; contents that it has read and that may name some. */
    readonly mentions: readonly string[];
    readonly contents: readonly string[];
    readonly offered: ReadonlyMap<string, string>;
  }): Promise<Kept> {
    const seen = collectReads(accesses ?? [], skipped);
    if (seen.unseen !== undefined) return { ok: false, reason: seen.unseen };
    const kept: KeptRead[] = [];
    const hashes = [...contents];
    for (const read of [...seen.reads, ...interpretersOf(seen.reads)]) {
      const { text, hash, reason } = await this.#settle(read, startedAt);
      if (reason !== undefined) return { ok: false, reason };
      if (hash !== undefined) hashes.push(hash);
      kept.push([read.kind, read.path, text, ...read.without]);
    }
    const named = new Set([...mentions, ...hashes.flatMap((hash) => this.#store.mentionsOf(hash))]);
    for (const [name, value] of offered) {
      if (seen.hasReadEnvironment || isMentioned(name, named)) {
        kept.push(["variable", name, hashBytes(value)]);
      }
    }
    const reads = JSON.stringify(kept.sort((a, b) => `${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1));
    return { ok: true, key: hashBytes(JSON.stringify([base, reads])), reads };
  }

  /** What was read, as it is now that the actor has ended; a reason when it may have read something else. */
  async #settle(
    { path, kind, isThere, isOwn, names, without }: SeenRead,
    startedAt: number,
  ): Promise<{ readonly text: string; readonly hash?: string; readonly reason?: string }> {
    // Others may have come or gone since: what counts is what it saw.
    if (kind === "names") return { text: hashNames([...names], without) };
    let state = this.#states.look(path, kind);
    if (state.text === undefined) {
      await this.#states.hash(path).catch(() => undefined); // Then it has no state now either.
      state = this.#states.look(path, kind);
    }
    const { text, changedMs = 0 } = state;
    const isChanged = text === undefined || (!isOwn && (
      changedMs >= startedAt - FILE_CLOCK_MS ||
      (isThere === true && text.startsWith(ABSENT)) ||
      (isThere === false && text !== ABSENT)
    ));
    if (isChanged) return { text: "", reason: `"${path}" was changed while the actor ran` };
    if (kind === "content" && text.startsWith("o")) {
      return { text, reason: `it reads "${path}", which is no regular file` };
    }
    return { text, ...state.hash === undefined ? {} : { hash: state.hash } };
  }
}

/** The files and folders that an entry depends on. */
export function listKept(reads: string): {
  readonly files: readonly string[];
  /** Those whose names were listed. */
  readonly folders: readonly string[];
} {
  // Only `keep` has written it.
  const kept = JSON.parse(reads) as readonly KeptRead[];
  const pathsOf = (isMeant: (kind: KeptRead[0]) => boolean) =>
    kept.filter(([kind]) => isMeant(kind)).map(([, path]) => path);
  return {
    files: pathsOf((kind) => kind === "content" || kind === "look" || kind === "link"),
    folders: pathsOf((kind) => kind === "names"),
  };
}

/** The system itself opens the interpreter that a script names in its first line. */
function interpretersOf(reads: readonly SeenRead[]): readonly SeenRead[] {
  return reads.filter(({ isRun }) => isRun).flatMap((read) => {
    const head = readProgramHead(read.path);
    if (head.kind !== "script" || !head.interpreter.startsWith("/")) return [];
    return [{ ...read, path: head.interpreter, isThere: undefined, isRun: false }];
  });
}
