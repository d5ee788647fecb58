/**
 * Pipes that mostly stay silent, such as the standard errors of thousands of actors: looked at together now and then
 * by one `poll`, so that a reader is made only for those that have something to say.
 */
import { QUIET_LOOK_MS } from "../../core/limits/process.ts";
import { closeFd } from "../descriptors/descriptors.ts";
import { libc } from "../descriptors/libc.ts";

const POLLIN = 1;
const POLLHUP = 16;

export class QuietPipes {
  readonly #waiting = new Map<number, (state: "ready" | "ended") => void>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Waits until the pipe has something to be read (`ready`: it belongs to the caller again) or was closed without a
   * word (`ended`: so is its descriptor). Where the C library cannot be called, that is not known: `ready` at once.
   */
  wait(fd: number): Promise<"ready" | "ended"> {
    if (libc() === undefined) return Promise.resolve("ready");
    this.#timer ??= setInterval(() => this.#look([...this.#waiting.keys()]), QUIET_LOOK_MS);
    return new Promise((settle) => this.#waiting.set(fd, settle));
  }

  /** Looks at once: whoever writes to it has probably ended. */
  look(fd: number): void {
    if (this.#waiting.has(fd)) this.#look([fd]);
  }

  /** Looks a last time, and lets go of the pipes that are still silent; where nobody can tell, none is. */
  close(): void {
    const isSure = this.#look([...this.#waiting.keys()]);
    for (const fd of this.#waiting.keys()) this.#settle(fd, isSure ? "ended" : "ready");
  }

  /** False when the system does not answer. */
  #look(fds: readonly number[]): boolean {
    if (fds.length === 0) return true;
    const asked = new Int32Array(fds.flatMap((fd) => [fd, POLLIN]));
    if ((libc()?.poll(asked, fds.length, 0) ?? 0) < 0) return false;
    for (const [at, fd] of fds.entries()) {
      const told = (asked[2 * at + 1] ?? 0) >>> 16;
      if (told !== 0) this.#settle(fd, (told & POLLIN) === 0 ? "ended" : "ready");
    }
    return true;
  }

  #settle(fd: number, state: "ready" | "ended"): void {
    const settle = this.#waiting.get(fd);
    this.#waiting.delete(fd);
    if (state === "ended") closeFd(fd);
    settle?.(state);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** True when nothing is in these pipes and nobody has them open to write; false when one of them has, or nobody can tell. */
export function arePipesUnwritten(fds: readonly number[]): boolean {
  const asked = new Int32Array(fds.flatMap((fd) => [fd, POLLIN]));
  if ((libc()?.poll(asked, fds.length, 0) ?? -1) < fds.length) return false;
  return fds.every((_, at) => (asked[2 * at + 1] ?? 0) >>> 16 === POLLHUP);
}
