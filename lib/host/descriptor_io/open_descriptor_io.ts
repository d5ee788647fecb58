/**
 * The best way to move bytes that there is here; each thread opens its own. The C library may be had in one thread and
 * not in another (a descriptor that was not free for a moment): a thread that is not woken through a pipe, because
 * whoever has started it cannot make one, looks by itself.
 */
import { KernelIo } from "./kernel_io.ts";
import { openRelayLibc } from "../descriptors/libc.ts";
import { PortableIo } from "./portable_io.ts";
import type { DescriptorIo } from "./descriptor_io.ts";

export function openDescriptorIo({ wakeFd }: { readonly wakeFd: number | undefined }): DescriptorIo {
  const libc = wakeFd === undefined ? undefined : openRelayLibc();
  return libc === undefined ? new PortableIo() : new KernelIo(libc);
}
