/** What an engine is given as standard input and output: a file, or a pipe that another process fills or empties. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

/** How a standard stream of the engine is made: `pipe` has no name, as in a shell; `fifo` has one. */
export type StandardKind = "file" | "pipe" | "fifo";

/** A descriptor for the engine, to be closed once it has it. */
export interface StandardEnd {
  readonly fd: number;
  /** Settles when the process at the other end has ended. */
  readonly finished?: Promise<unknown>;
}

interface StandardFile {
  readonly file: string;
  readonly kind: StandardKind;
  /** Where a pipe may have its name. */
  readonly pipe: string;
}

/** Standard input, from a file. */
export async function openInput({ file, kind, pipe }: StandardFile): Promise<StandardEnd> {
  if (kind === "file") return { fd: openSync(file, "r") };
  if (kind === "fifo") {
    makeFifo(pipe);
    const pump = spawn("sh", ["-c", 'exec cat "$0" >"$1"', file, pipe], { cwd: "/", stdio: "ignore" });
    return { fd: openSync(pipe, "r"), finished: once(pump, "exit") };
  }
  const { readFd, writeFd } = await makePipe();
  const pump = spawn("cat", [file], { cwd: "/", stdio: ["ignore", writeFd, "ignore"] });
  closeSync(writeFd);
  return { fd: readFd, finished: once(pump, "exit") };
}

/** Standard output, to a file. */
export async function openOutput({ file, kind, pipe }: StandardFile): Promise<StandardEnd> {
  const target = openSync(file, "w");
  if (kind === "file") return { fd: target };
  let readFd: number;
  let writeFd: number;
  if (kind === "fifo") {
    makeFifo(pipe);
    // Opened for both, so that neither end waits for the other.
    const both = openSync(pipe, "r+");
    [readFd, writeFd] = [openSync(pipe, "r"), openSync(pipe, "w")];
    closeSync(both);
  } else ({ readFd, writeFd } = await makePipe());
  const pump = spawn("cat", [], { cwd: "/", stdio: [readFd, target, "ignore"] });
  closeSync(readFd);
  closeSync(target);
  return { fd: writeFd, finished: once(pump, "exit") };
}

function makeFifo(path: string): void {
  const { status } = spawnSync("mkfifo", [path]);
  if (status !== 0) throw new Error(`Cannot make the named pipe "${path}"`);
}

/** The runtime cannot make a pipe without a name; another process makes it, and its ends are opened again. */
async function makePipe(): Promise<{ readonly readFd: number; readonly writeFd: number }> {
  const program = "import os, sys; print(*os.pipe(), flush=True); sys.stdin.read()";
  const holder = spawn("python3", ["-ESc", program], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(holder, "exit");
  try {
    const [line] = await once(holder.stdout, "data");
    const [readEnd, writeEnd] = String(line).split(" ").map(Number);
    const folder = `/proc/${holder.pid}/fd`;
    return { readFd: openSync(`${folder}/${readEnd}`, "r"), writeFd: openSync(`${folder}/${writeEnd}`, "w") };
  } finally {
    holder.stdin.end();
    await exited;
  }
}
