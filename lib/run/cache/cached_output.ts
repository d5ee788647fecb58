/**
 * What one cached actor writes in a run: a file for each port, which becomes a content of the cache when it has ended well.
 */
import { statSync } from "node:fs";
import type { Failure } from "../../core/failure.ts";
import type { Actor } from "../../core/flow.ts";
import type { Hide } from "../../core/secrets.ts";
import { DatabaseError } from "../../host/files/database.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { CacheStore, NewStream } from "../../store/cache/cache_store.ts";
import { removeFile } from "../../host/files/remove.ts";
import type { Content } from "../../store/cache/hash_file.ts";
import { hashFile } from "../../store/cache/hash_file.ts";

/** What is kept, or was to be. */
interface Written {
  readonly actor: Actor;
  /** Under what it is kept; undefined when it is not. */
  readonly entry: { readonly key: string; readonly base: string; readonly reads: string } | undefined;
  readonly flow: string;
  readonly durationMs: number;
}

type Hashed = NewStream & Content;

export class CachedOutput {
  readonly #store: CacheStore;
  readonly #hide: Hide;
  readonly #onNotKept: (failure: Failure) => void;
  readonly #files = new Map<string, string>();

  constructor(
    store: CacheStore,
    { hide, onNotKept }: { readonly hide: Hide; readonly onNotKept: (failure: Failure) => void },
  ) {
    this.#store = store;
    this.#hide = hide;
    this.#onNotKept = onNotKept;
  }

  /** Where a port is to be written; the same in each try. */
  fileFor(port: string): string {
    const path = this.#files.get(port) ?? this.#store.makePath();
    this.#files.set(port, path);
    return path;
  }

  /** Bytes in all of its files so far. */
  get writtenBytes(): number {
    return [...this.#files.values()].reduce((sum, path) => sum + (sizeOf(path) ?? 0), 0);
  }

  sizeOf(port: string): number | undefined {
    return sizeOf(this.#files.get(port));
  }

  /** Forgets what was written. */
  drop(): void {
    for (const path of this.#files.values()) removeFile(path);
  }

  /** Hashes all that was written, and keeps it; gives where each port is then. */
  async keep(
    written: Written,
  ): Promise<readonly { readonly port: string; readonly hash: string; readonly path: string }[]> {
    const streams: Hashed[] = [];
    for (const [port, temporary] of this.#files) {
      streams.push({ port, temporary, ...await hashFile(temporary) });
    }
    const isKept = this.#keep(written, streams);
    if (isKept) this.#files.clear();
    return streams.map((stream) => ({
      port: stream.port,
      hash: stream.hash,
      path: isKept ? this.#store.pathOf(stream) : stream.temporary,
    }));
  }

  #keep({ actor, entry, flow, durationMs }: Written, streams: readonly Hashed[]): boolean {
    if (entry === undefined) return false;
    const now = Date.now();
    const { name, source } = actor;
    const command = source.kind === "run" ? source.argv.join(" ") : source.kind === "sh" ? source.script : "";
    try {
      // Without them the content would count as one that names nothing.
      if (!streams.every((stream) => this.#store.noteMentions(stream))) return false;
      this.#store.keep(
        { ...entry, actor: name, flow, command: this.#hide(command), durationMs, madeAt: now, usedAt: now },
        streams,
      );
      return true;
    } catch (error) {
      const { errno, reason } = error instanceof DatabaseError
        ? { errno: error.problem === "full" ? "ENOSPC" : "EIO", reason: error.message }
        : describeSystemError(error);
      this.#onNotKept({ kind: "cache", folder: this.#store.folder, errno, reason });
      return false;
    }
  }
}

/** Bytes of a file; undefined when there is none. */
export function sizeOf(path: string | undefined): number | undefined {
  return path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
}
