/**
 * A file that is written to its end, and begins anew when it is full: `log`, before it `log.1`, and so on, as logrotate
 * names them.
 */
import { closeSync, fstatSync, openSync, renameSync } from "node:fs";
import { writeAll } from "./write_text.ts";

export interface RotationLimits {
  /** A line that is longer has a file of its own. */
  readonly bytesMax: number;
  /** How many files there are beside the one that is written. */
  readonly keptMax: number;
}

export class RotatingFile {
  /** Why something is missing in it, such as `ENOSPC`. */
  problem: string | undefined;
  readonly #path: string;
  readonly #limits: RotationLimits;
  #fd: number;
  #size: number;

  /** Goes on where a file ends that is there. Throws the system's error when it cannot be written. */
  constructor(path: string, limits: RotationLimits) {
    this.#path = path;
    this.#limits = limits;
    this.#fd = openSync(path, "a");
    const stat = fstatSync(this.#fd);
    // Devices and pipes are never full.
    this.#size = stat.isFile() ? stat.size : -Infinity;
  }

  write(text: string): void {
    if (this.problem !== undefined) return;
    const bytes = new TextEncoder().encode(text);
    if (this.#size > 0 && this.#size + bytes.length > this.#limits.bytesMax) this.#rotate();
    this.problem ??= writeAll(this.#fd, bytes);
    this.#size += bytes.length;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** What cannot be renamed is written on: no line is lost for that. */
  #rotate(): void {
    try {
      for (let number = this.#limits.keptMax; number > 1; number--) {
        renameIfThere(`${this.#path}.${number - 1}`, `${this.#path}.${number}`);
      }
      renameSync(this.#path, `${this.#path}.1`);
      const fd = openSync(this.#path, "a");
      closeSync(this.#fd);
      this.#fd = fd;
      this.#size = 0;
    } catch {
      this.#size = -Infinity;
    }
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
