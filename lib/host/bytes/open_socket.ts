/**
 * Node's and Deno's way to read and write a pipe without waiting: a socket.
 */
import type { Socket } from "node:net";
import process from "node:process";
import { closeFd } from "../descriptors/descriptors.ts";
import { systemError } from "../errno.ts";

/** Makes a socket of one end of a pipe, which it owns from now on. Throws the system's error. */
export function openSocket(fd: number, end: "read" | "write"): Socket {
  // Most flows need none, and it takes long to load.
  const net = process.getBuiltinModule("node:net");
  try {
    return new net.Socket({ fd, readable: end === "read", writable: end === "write" });
  } catch {
    // The runtime asks the system what the descriptor is, and takes an error for an unknown kind.
    closeFd(fd);
    throw systemError("EIO", "fstat");
  }
}
