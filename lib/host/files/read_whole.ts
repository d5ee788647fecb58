/**
 * The whole of a file that somebody names: a flow, a table, variables, a script. To open a named pipe waits for somebody
 * who writes to it, and nobody may ever come; a device may have no end. So nothing is waited for in opening, and no more
 * is read than is allowed.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { FILE_READ_BYTES, GIVEN_PIPE_WAIT_MS, NAMED_PIPE_LOOK_MS } from "../../core/limits/streams.ts";
import { hasCode } from "../errno.ts";

/**
 * Its bytes. Waits for what comes through a pipe that somebody writes to, such as `<(…)` of a shell. Throws the system's
 * error; EFBIG when there is more than `bytesMax`, ETIMEDOUT when nobody writes to a named pipe.
 */
export function readWhole(path: string, bytesMax: number): Uint8Array {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (stat.size > bytesMax) throw tooLarge(bytesMax);
    return join(readChunks(fd, { bytesMax, looks: stat.isFIFO() && isNamed(fd) ? LOOKS : 0 }));
  } finally {
    closeSync(fd);
  }
}

/** The text of its bytes, without its byte order mark; undefined when it is no UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The only thing thrown is "invalid", which is what undefined says.
    return undefined;
  }
}

const LOOKS = GIVEN_PIPE_WAIT_MS / NAMED_PIPE_LOOK_MS;

/** `looks`: so often no bytes at the very beginning mean that nobody writes to it yet. */
function readChunks(
  fd: number,
  { bytesMax, looks }: { readonly bytesMax: number; readonly looks: number },
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let size = 0, empty = 0;;) {
    const chunk = new Uint8Array(FILE_READ_BYTES);
    const count = readNow(fd, chunk);
    if (count === 0 && (size > 0 || looks === 0)) return chunks;
    if (count === 0 && ++empty > looks) throw nobodyWrites();
    if (count === undefined || count === 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAMED_PIPE_LOOK_MS);
      continue;
    }
    chunks.push(chunk.subarray(0, count));
    size += count;
    if (size > bytesMax) throw tooLarge(bytesMax);
  }
}

/** How many bytes there were; undefined when somebody writes, and has nothing yet. */
function readNow(fd: number, into: Uint8Array): number | undefined {
  try {
    return readSync(fd, into, 0, into.length, null);
  } catch (error) {
    if (hasCode(error, "EAGAIN")) return undefined;
    throw error;
  }
}

/** A pipe without a name was opened by its writer before; where nobody can tell, it has one. */
function isNamed(fd: number): boolean {
  try {
    return !readlinkSync(`/proc/self/fd/${fd}`).startsWith("pipe:");
  } catch {
    return true;
  }
}

function tooLarge(bytesMax: number): Error {
  const message = `it is too large (expected at most ${bytesMax / 1024 / 1024} MiB)`;
  return Object.assign(new Error(message), { code: "EFBIG" });
}

function nobodyWrites(): Error {
  const message = `it is a named pipe, and nobody has written to it for ${GIVEN_PIPE_WAIT_MS / 1000} s ` +
    "(expected a file, or a pipe that somebody writes to)";
  return Object.assign(new Error(message), { code: "ETIMEDOUT" });
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [first, ...more] = chunks;
  if (first !== undefined && more.length === 0) return first;
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
