/**
 * Names that nobody else comes upon.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { isLinux, runtimeName } from "./runtime.ts";

/** A UUID of version 4. Node loads all of its cryptography for one; the system has random bytes, too. */
export function randomId(): string {
  const bytes = runtimeName === "node" && isLinux ? readRandom() : undefined;
  return bytes === undefined ? crypto.randomUUID() : toUuid(bytes);
}

/** Undefined where there is no such file. */
function readRandom(): Uint8Array | undefined {
  try {
    const fd = openSync("/dev/urandom", "r");
    try {
      const bytes = new Uint8Array(UUID_BYTES);
      return readSync(fd, bytes, 0, UUID_BYTES, null) === UUID_BYTES ? bytes : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // The runtime knows another way.
  }
}

const UUID_BYTES = 16;

/** As RFC 9562 has it: the version in the seventh byte, the variant in the ninth. */
function toUuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte, at) => {
    const told = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return told.toString(16).padStart(2, "0");
  }).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
