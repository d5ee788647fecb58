/**
 * Larger pipes where the C library cannot be called (Node): a short Perl program asks for them. Larger pipes save
 * every second context switch of a chain; a flow that is over in a moment does not need them.
 */
import process from "node:process";
import { GROW_AFTER_MS, PIPE_BYTES } from "../core/limits.ts";
import { arePipesLarge } from "../host/descriptors.ts";
import { isLinux } from "../host/runtime.ts";
import { spawnProcess } from "../host/spawn.ts";
import { findProgram } from "../process/preflight.ts";

/** Opens each pipe without waiting and asks for its size; F_SETPIPE_SZ is 1031, O_WRONLY | O_NONBLOCK is 2049. */
const PROGRAM = `
my ($engine, $bytes, @fds) = @ARGV;
for (@fds) { if (sysopen(my $pipe, "/proc/$engine/fd/$_", 2049)) { fcntl($pipe, 1031, $bytes + 0) } }
`;

export class PipeGrower {
  #fds: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Pipes to be made larger, by a descriptor of the engine for each; nothing happens where they are large already. */
  add(fds: readonly number[]): void {
    if (arePipesLarge || !isLinux || fds.length === 0) return;
    this.#fds.push(...fds);
    this.#timer ??= setTimeout(() => void this.#grow(), GROW_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Without Perl the pipes stay as they are: they work, only slower. */
  async #grow(): Promise<void> {
    const fds = this.#fds;
    this.#fds = [];
    this.#timer = undefined;
    const perl = findProgram("perl", { path: process.env["PATH"] ?? "", folder: "/" });
    if (perl === undefined) return;
    const args = ["-e", PROGRAM, String(process.pid), String(PIPE_BYTES), ...fds.map(String)];
    try {
      await (await spawnProcess({ file: perl, args, env: {}, cwd: "/", fds: new Map() })).exited;
    } catch {
      // As without Perl.
    }
  }
}
