/**
 * What the numbers of Linux system calls mean for somebody who waits in one. Numbers from the kernel's tables
 * (`arch/x86/entry/syscalls/syscall_64.tbl`, `include/uapi/asm-generic/unistd.h`).
 */
import process from "node:process";

/**
 * - `read`, `write`: waits at the descriptor in the first argument;
 * - `splice`: between the descriptors in the first and third argument; - `sendfile`: to the first, from the second;
 * - `epoll`: at what is registered in the first argument, the limit of time is the fourth; - `poll`: at descriptors
 *   that only its memory tells; - `socket`: at a socket; - `sleep`: for time to pass; - `inside`: for another thread
 *   or child.
 */
export type CallKind =
  | "read"
  | "write"
  | "splice"
  | "sendfile"
  | "epoll"
  | "poll"
  | "socket"
  | "sleep"
  | "inside";

type Table = Readonly<Record<CallKind, readonly number[]>>;

const X64: Table = {
  read: [0, 17, 19, 295],
  write: [1, 18, 20, 296],
  splice: [275, 276],
  sendfile: [40],
  epoll: [232, 281, 441],
  poll: [7, 23, 270, 271, 426],
  socket: [42, 43, 44, 45, 46, 47, 288],
  sleep: [35, 230],
  inside: [34, 61, 128, 130, 202, 219, 247, 449],
};

const ARM64: Table = {
  read: [63, 65, 67, 69],
  write: [64, 66, 68, 70],
  splice: [76, 77],
  sendfile: [71],
  epoll: [22, 441],
  poll: [72, 73, 426],
  socket: [202, 203, 206, 207, 211, 212, 242],
  sleep: [101, 115],
  inside: [95, 98, 128, 133, 137, 260, 449],
};

const TABLES: Readonly<Record<string, Table>> = { x64: X64, arm64: ARM64 };

const KINDS: ReadonlyMap<number, CallKind> = new Map(
  // The keys are those of the type above.
  (Object.entries(TABLES[process.arch] ?? {}) as [CallKind, readonly number[]][])
    .flatMap(([kind, numbers]) => numbers.map((number) => [number, kind] as const)),
);

/** What the call means; undefined for every other. */
export function kindOfCall(number: number): CallKind | undefined {
  return KINDS.get(number);
}

/** `epoll_pwait2` has a pointer where the others have milliseconds; none is for ever. */
export function waitsForEver(number: number, limit: string): boolean {
  return number === 441 ? BigInt(limit) === 0n : BigInt.asIntN(32, BigInt(limit)) < 0n;
}
