/**
 * The best way to move bytes that there is here; each thread opens its own.
 */
import { KernelIo } from "./kernel_io.ts";
import { openRelayLibc } from "../descriptors/libc.ts";
import { PortableIo } from "./portable_io.ts";
import type { RelayIo } from "./relay_io.ts";

export function openRelayIo(): RelayIo {
  const libc = openRelayLibc();
  return libc === undefined ? new PortableIo() : new KernelIo(libc);
}
