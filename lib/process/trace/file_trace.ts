/**
 * What processes did with files, read from what `strace -f -y` writes: one line for each call, in the order of their ends.
 *
 *   20621 openat(AT_FDCWD</home/ada>, "words.txt", O_RDONLY) = 3</home/ada/words.txt>
 *
 * A call that others interrupt is in two lines, and a child may speak before its parent has named it.
 */
import type { FileAccess } from "./file_access.ts";
import type { TracedCall } from "./traced_call.ts";
import { parseCall } from "./traced_call.ts";
import { readCall } from "./traced_files.ts";

/** Threads share it. */
interface Folder {
  path: string;
}

export class FileTrace {
  readonly #onAccess: (access: FileAccess) => void;
  readonly #decoder = new TextDecoder("latin1");
  #rest = "";
  #folder: Folder | undefined;
  readonly #folders = new Map<number, Folder>();
  readonly #unfinished = new Map<number, string>();
  /** Lines of processes whose parent has not named them yet. */
  readonly #early = new Map<number, string[]>();

  /** `folder` is the working directory of the first process. */
  constructor(folder: string, onAccess: (access: FileAccess) => void) {
    this.#folder = { path: folder };
    this.#onAccess = onAccess;
  }

  feed(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** True when every process that it has begun with was seen to its end, and everything was understood. */
  end(): boolean {
    return this.#rest === "" && this.#early.size === 0 && this.#unfinished.size === 0 &&
      this.#folders.size === 0 && this.#folder === undefined;
  }

  #line(line: string): void {
    const blank = line.indexOf(" ");
    const pid = Number(line.slice(0, blank));
    if (!Number.isInteger(pid) || blank <= 0) {
      return this.#onAccess({ kind: "unseen", reason: "what strace tells is not understood" });
    }
    if (this.#folder !== undefined) {
      this.#folders.set(pid, this.#folder);
      this.#folder = undefined;
    }
    const folder = this.#folders.get(pid);
    const text = line.slice(blank).trimStart();
    if (folder !== undefined) return this.#tell(pid, { text, folder });
    const early = this.#early.get(pid) ?? [];
    this.#early.set(pid, early);
    early.push(text);
  }

  #tell(pid: number, { text, folder }: { readonly text: string; readonly folder: Folder }): void {
    if (text.startsWith("+++")) {
      // A thread that runs a program takes the place of the first one.
      const gone = Number(/^\+\+\+ superseded by execve in pid (\d+)/.exec(text)?.[1] ?? pid);
      this.#folders.delete(gone);
      this.#unfinished.delete(pid);
      return;
    }
    if (text.startsWith("---")) return;
    if (text.endsWith("<unfinished ...>")) {
      this.#unfinished.set(pid, text.slice(0, -"<unfinished ...>".length));
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text);
    const whole = resumed === null ? text : (this.#unfinished.get(pid) ?? "") + text.slice(resumed[0].length);
    this.#unfinished.delete(pid);
    const call = parseCall(whole);
    if (call === undefined) {
      return this.#onAccess({ kind: "unseen", reason: "what strace tells is not understood" });
    }
    this.#call(call, folder);
  }

  #call(call: TracedCall, folder: Folder): void {
    for (const access of readCall(call, folder.path)) this.#onAccess(access);
    switch (call.name) {
      case "clone":
      case "clone3":
      case "fork":
      case "vfork":
        return this.#begin(call, folder);
      case "chdir":
      case "fchdir": {
        const path = call.name === "chdir" ? call.args[0]?.text : call.args[0]?.at;
        if (call.errno !== undefined || path === undefined) return;
        folder.path = path.startsWith("/") ? path : `${folder.path}/${path}`;
      }
    }
  }

  /** A process has made another one, which may have spoken already. */
  #begin({ args, result, errno }: TracedCall, folder: Folder): void {
    if (errno !== undefined || result <= 0) return;
    const isThread = args.some(({ source }) => source.includes("CLONE_FS"));
    const own = isThread ? folder : { path: folder.path };
    this.#folders.set(result, own);
    const early = this.#early.get(result) ?? [];
    this.#early.delete(result);
    for (const text of early) this.#tell(result, { text, folder: this.#folders.get(result) ?? own });
  }
}
