/**
 * The first lines of the input are given to every worker. A program that passes them on, as a filter does, writes them
 * once a process: in the stream they are to be once. Whether it does the first output tells that is given on: does it
 * begin with just these lines, they are left out of the others.
 */
import { Buffer } from "node:buffer";
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
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
    const isAlike = compareOn(out, header);
    const isWhole = out.headerBytes === header.length;
    if (isAlike && !isWhole && out.fd !== undefined) return false;
    out.isPastHeader = true;
    if (isAlike && out.headerBytes === 0) return true; // It has written nothing, and tells nothing.
    if (this.#isPassedOn === true && isAlike && isWhole) {
      out.position += header.length;
      out.log.trim(out.position);
    }
    this.#isPassedOn ??= isAlike && isWhole;
    return true;
  }
}

/** Compares what has come since the last time; false when it is something else than the header. */
function compareOn(out: CopyOut, header: Uint8Array): boolean {
  const part = new Uint8Array(Math.min(BLOCK_BYTES, header.length - out.headerBytes));
  while (out.headerBytes < header.length) {
    const from = out.headerBytes;
    const count = out.log.read(out.position + from, part.subarray(0, header.length - from));
    if (count <= 0) return true;
    if (Buffer.compare(part.subarray(0, count), header.subarray(from, from + count)) !== 0) return false;
    out.headerBytes += count;
  }
  return true;
}
