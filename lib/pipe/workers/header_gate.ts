/**
 * The first lines of the input are given to every worker. A program that passes them on, as a filter does, writes them
 * once a process: in the stream they are to be once. Whether it does the first output tells that is given on: does it
 * begin with just these lines, they are left out of the others.
 */
import type { CopyOut } from "../state/worker_copy.ts";

export class HeaderGate {
  readonly #input: { readonly header: Uint8Array };
  /** Undefined before any output was given on. */
  #isPassedOn: boolean | undefined;

  constructor(input: { readonly header: Uint8Array }) {
    this.#input = input;
  }

  /** True when the rest of what a copy writes may be given on; false while it may still be writing the header. */
  passes(out: CopyOut): boolean {
    if (out.isPastHeader) return true;
    if (out.copy.phase === "wanted") return false;
    const { header } = this.#input;
    if (header.length === 0) return out.isPastHeader = true;
    out.copy.collect(out, { boundBytes: header.length, baseBytes: header.length });
    const begin = readBegin(out, header.length);
    const isAlike = begin.every((byte, at) => byte === header[at]);
    const isWhole = begin.length === header.length;
    if (isAlike && !isWhole && out.fd !== undefined) return false;
    out.isPastHeader = true;
    if (begin.length === 0) return true; // It has written nothing, and tells nothing.
    if (this.#isPassedOn === true && isAlike && isWhole) {
      out.position += header.length;
      out.log.trim(out.position);
    }
    this.#isPassedOn ??= isAlike && isWhole;
    return true;
  }
}

function readBegin({ log, position }: CopyOut, length: number): Uint8Array {
  const begin = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = log.read(position + filled, begin.subarray(filled));
    if (count <= 0) break;
    filled += count;
  }
  return begin.subarray(0, filled);
}
