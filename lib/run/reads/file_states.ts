/**
 * What a process can learn of a file, as a text that is the same as long as it would learn the same.
 *
 *   content   f 12 1f3a…    a regular file by its bytes, whenever it was written
 *   look      f 12 33188 …  one that was only asked for: its size, mode and time
 *   link      l ../a        a link by where it points; anything else as above
 *   names     9b2c…         a folder by the names in it
 *             d 16877       a folder · o 4480 neither · - nothing is there
 */
import { lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { FILE_CLOCK_MS, HASH_TRIES_MAX, HASHED_AT_ONCE } from "../../core/limits/store.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import type { FileStamp } from "../../store/cache/hash_file.ts";
import { hashBytes, hashFile, stampFile, toStamp } from "../../store/cache/hash_file.ts";

export type StateKind = "content" | "look" | "link" | "names";

export interface FileState {
  /** Undefined when its bytes have to be read first (`hash`). */
  readonly text: string | undefined;
  /** The bytes of a regular file, where they are known. */
  readonly hash?: string;
  /** When it was changed, in milliseconds since the epoch; of regular files and links. */
  readonly changedMs?: number;
}

/** Nothing is there. */
export const ABSENT = "-";

export class FileStates {
  readonly #store: CacheStore;
  /** What was hashed in this run, by path. */
  readonly #hashes = new Map<string, { readonly stamp: FileStamp; readonly hash: string }>();
  readonly #waiting: (() => void)[] = [];
  #free = HASHED_AT_ONCE;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** What is there now. `without` are names that do not count among those of a folder. */
  look(path: string, kind: StateKind, without: readonly string[] = []): FileState {
    try {
      if (kind === "names") return { text: hashNames(readdirSync(path), without) };
      const stat = kind === "link" ? lstatSync(path, { bigint: true }) : statSync(path, { bigint: true });
      const stamp = toStamp(path, stat);
      const { changedMs } = stamp;
      if (stat.isSymbolicLink()) return { text: `l ${readlinkSync(path)}`, changedMs };
      if (stat.isDirectory()) return { text: `d ${stat.mode}` };
      if (!stat.isFile()) return { text: `o ${stat.mode}` };
      if (kind !== "content") return { text: `f ${stat.size} ${stat.mode} ${stat.mtimeNs}`, changedMs };
      const hash = this.#knownHash(stamp);
      return {
        text: hash === undefined ? undefined : `f ${stat.size} ${hash}`,
        ...hash === undefined ? {} : { hash },
        changedMs,
      };
    } catch (error) {
      return { text: `${ABSENT}${codeOf(error)}` };
    }
  }

  /** The hash of a regular file, which is read only when it has changed since. Rejects with the system's error. */
  async hash(path: string): Promise<string> {
    const before = this.#hashNow(path);
    if (before !== undefined) return before;
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      // A thousand actors with one program ask for it at once.
      return this.#hashNow(path) ?? await this.#hash(path);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  /** Undefined when it has to be read. */
  #hashNow(path: string): string | undefined {
    const stamp = stampFile(path);
    return stamp === undefined ? undefined : this.#knownHash(stamp);
  }

  async #hash(path: string): Promise<string> {
    for (let tries = 1;; tries++) {
      const stamp = stampFile(path);
      // A change within the same tick of the clock would not be seen.
      const restMs = stamp === undefined ? 0 : FILE_CLOCK_MS - (Date.now() - stamp.changedMs);
      if (restMs > 0) await sleep(Math.min(FILE_CLOCK_MS, restMs));
      const content = await hashFile(path);
      const isSame = stampFile(path)?.changed === stamp?.changed;
      if (!isSame && tries < HASH_TRIES_MAX) continue;
      const isNoted = this.#store.noteMentions(content);
      if (stamp !== undefined && isSame) {
        this.#hashes.set(path, { stamp, hash: content.hash });
        if (isNoted) this.#store.noteHash(stamp, content.hash);
      }
      return content.hash;
    }
  }

  #knownHash(stamp: FileStamp): string | undefined {
    const known = this.#hashes.get(stamp.path);
    if (known?.stamp.changed === stamp.changed && known.stamp.size === stamp.size) return known.hash;
    const hash = this.#store.knownHash(stamp);
    if (hash !== undefined) this.#hashes.set(stamp.path, { stamp, hash });
    return hash;
  }
}

/** The names of a folder in no order, for the system gives them in none. */
export function hashNames(names: readonly string[], without: readonly string[] = []): string {
  const left = new Set(names);
  for (const name of without) left.delete(name);
  return hashBytes(JSON.stringify([...left].sort()));
}

/** What is not there is the same for whatever reason; who may not look may later. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "") throw error;
  return code === "ENOENT" || code === "ENOTDIR" ? "" : code;
}
