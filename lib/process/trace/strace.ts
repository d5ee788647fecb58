/**
 * Watching what processes do with files, by strace where it is installed and may trace.
 */
import process from "node:process";
import { CACHE_READS_MAX } from "../../core/limits/store.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import { closeFd, makeEnginePipe } from "../../host/descriptors/descriptors.ts";
import { mayAccess } from "../../host/files/may_access.ts";
import { readProgramHead, scriptProblem } from "../../host/spawn/program_file.ts";
import { isLinux } from "../../host/runtime.ts";
import { spawnProcess } from "../../host/spawn/spawn.ts";
import type { FileAccess } from "./file_access.ts";
import { FileTrace } from "./file_trace.ts";
import { findProgram } from "../start/preflight.ts";

/** Every call that names a file, and those without which its name says nothing. */
const CALLS = "%file,fchdir,clone,clone3,fork,vfork,getdents64,getdents,io_uring_setup,open_by_handle_at";

/** Files that are opened through a ring are opened without a call: there is none, as in most containers. */
const NO_RING = "inject=io_uring_setup:error=ENOSYS";

/**
 * `-D` makes the program a child of the engine as ever, and strace a distant relative of it: identity, signals and exit
 * code are its own. `--seccomp-bpf` stops it at these calls only. Signals are told, because of a process that one has
 * ended (the writer before a `head`) nothing else is.
 */
const OPTIONS = ["-D", "-f", "-q", "-y", "--seccomp-bpf", "-s", "2"];

/** A command as the system gets it. */
export interface TracedCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** What one process and all that it starts do with files. */
export class ReadTrace {
  readonly #writeFd: number;
  readonly #reader: ByteReader;
  readonly #ended: Promise<boolean>;
  readonly #accesses: FileAccess[] = [];
  readonly #trace: FileTrace;
  #isOpen = true;
  #isHeard = true;

  /** `folder` is where the process works. Throws the system's error when there is no pipe to be had. */
  constructor(folder: string) {
    const { readFd, writeFd } = makeEnginePipe("read", "usual");
    this.#writeFd = writeFd;
    this.#reader = readPipe(readFd, { isStrict: true });
    const seen = new Set<string>();
    this.#trace = new FileTrace(folder, (access) => {
      // Programs ask for the same again and again.
      const key = JSON.stringify(access);
      if (seen.has(key) || seen.size > CACHE_READS_MAX) return;
      seen.add(key);
      this.#accesses.push(
        seen.size > CACHE_READS_MAX
          ? { kind: "unseen", reason: `it looks at more than ${CACHE_READS_MAX} files` }
          : access,
      );
    });
    // What could not be read was not seen.
    this.#ended = this.#read().then(() => true, () => false);
  }

  /** The command that is watched. */
  wrap({ file, args }: TracedCommand, strace: string): TracedCommand {
    // strace, unlike the engine, gives a script without `#!` to no shell.
    const command = readProgramHead(file).kind === "text" ? ["/bin/sh", file, ...args] : [file, ...args];
    return { file: strace, args: [...OPTIONS, ...traceOptions(this.#writeFd), "--", ...command] };
  }

  /** All that was done; undefined when a process of it is still there after a while, or not everything was seen. */
  async finish(waitMs: number): Promise<readonly FileAccess[] | undefined> {
    this.#closeWriter();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), waitMs));
    const isEnded = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    // What goes on is read on, for nobody: strace would tell everybody that it cannot write.
    this.#isHeard = false;
    return isEnded && this.#trace.end() ? this.#accesses : undefined;
  }

  /** Nobody wants to know any more. What is still traced goes on. */
  close(): void {
    this.#isHeard = false;
    this.#closeWriter();
  }

  #closeWriter(): void {
    if (this.#isOpen) closeFd(this.#writeFd);
    this.#isOpen = false;
  }

  async #read(): Promise<void> {
    for (let bytes = await this.#reader.read(); bytes !== undefined; bytes = await this.#reader.read()) {
      if (this.#isHeard) this.#trace.feed(bytes);
    }
    this.#reader.close();
  }
}

/** False for what will not start: the system says why, and strace would say it in another way. */
export function mayStart({ file }: TracedCommand, folder: string): boolean {
  return mayAccess(file, "execute") && scriptProblem(file, folder) === undefined;
}

/** The path of strace, when it works here; it is tried out on a shell that does nothing. */
export async function findStrace(): Promise<string | undefined> {
  const strace = isLinux ? findProgram("strace", { path: process.env["PATH"], folder: "/" }) : undefined;
  if (strace === undefined) return undefined;
  const trace = new ReadTrace("/");
  const { exited } = await spawnProcess({
    ...trace.wrap({ file: "/bin/sh", args: ["-c", ":"] }, strace),
    env: {},
    cwd: "/",
    fds: new Map(),
  });
  const { code } = await exited;
  const accesses = await trace.finish(STRACE_TRIED_MS);
  const works = code === 0 && accesses?.some(({ kind }) => kind === "read") === true;
  return works ? strace : undefined;
}

const STRACE_TRIED_MS = 5_000;

/** strace opens it anew, so the program does not get it. */
function traceOptions(writeFd: number): readonly string[] {
  return [
    "-e",
    "abbrev=!getdents64,getdents",
    "-e",
    `trace=${CALLS}`,
    "-e",
    NO_RING,
    "-o",
    `/proc/${process.pid}/fd/${writeFd}`,
  ];
}
