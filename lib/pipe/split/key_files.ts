/**
 * A file for each key, in a folder of its own until all are put in place: named by the numbers of the keys. One is open
 * only while it is written, so there may be any number of them.
 */
import { join } from "node:path";
import type { KeyedPath } from "../../core/flow.ts";
import { isSystemError, type SystemError } from "../../host/errno.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import { type NumberedKey, pathOfKey, problemOfKey } from "./key_path.ts";
import type { KeySink } from "./key_sink.ts";
import { SplitProblem } from "./record_scanner.ts";

/** The files of a split, by the paths that they will have: whose each is. */
export type Claims = Map<string, string>;

export class KeyFiles implements KeySink {
  readonly #io: Pick<DescriptorIo, "open" | "write" | "close">;
  readonly #folder: string;
  readonly #path: KeyedPath | undefined;
  readonly #claims: Claims;
  /** Written so far. */
  bytes = 0;
  /** Why it could not be written. */
  error: SystemError | undefined;

  constructor({ io, folder, path, claims }: {
    readonly io: Pick<DescriptorIo, "open" | "write" | "close">;
    readonly folder: string;
    /** Where each will be put; undefined for those that are for processes of the flow. */
    readonly path: KeyedPath | undefined;
    readonly claims: Claims;
  }) {
    this.#io = io;
    this.#folder = folder;
    this.#path = path;
    this.#claims = claims;
  }

  begin(key: NumberedKey): void {
    if (this.#path === undefined) return;
    const problem = problemOfKey(this.#path, key);
    if (problem !== undefined) throw new SplitProblem(problem);
    const path = pathOfKey(this.#path, key);
    const other = this.#claims.get(path);
    if (other !== undefined) {
      throw new SplitProblem(
        `its key ${
          JSON.stringify(key.key)
        } would write "${path}", which ${other} writes (expected one for each file)`,
      );
    }
    this.#claims.set(path, `key ${JSON.stringify(key.key)}`);
  }

  write(index: number, read: (give: (bytes: Uint8Array) => void) => void): void {
    try {
      const fd = this.#io.open(join(this.#folder, String(index)), "extend");
      try {
        read((bytes) => this.#writeWhole(fd, bytes));
      } finally {
        this.#io.close(fd);
      }
    } catch (error) {
      if (isSystemError(error)) this.error = error;
      throw error;
    }
  }

  #writeWhole(fd: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const written = this.#io.write(fd, at === 0 ? bytes : bytes.subarray(at));
      if (written > 0) at += written;
    }
    this.bytes += bytes.length;
  }
}
