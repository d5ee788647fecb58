/**
 * The few functions of the C library that no runtime offers: pipes as plain descriptors, their size, and starting a
 * process with exact descriptors. Deno and Bun can call it, Node with koffi. Undefined where that cannot be had: not
 * on Linux, a denied permission, no compiled koffi; then `mkfifo` and execa take over.
 */
import type Koffi from "koffi";
import { bun, deno, isLinux } from "./runtime.ts";

/** Signatures in the words of Deno; `buffer` is a pointer to the bytes of a typed array. */
const SYMBOLS = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  /** The address of the thread's `errno`, where the runtime has no way of its own to tell it. */
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** What relays need. Counts are below 2 GiB, so a 32-bit result tells them all, and -1. */
const RELAY_SYMBOLS = {
  splice: { parameters: ["i32", "buffer", "i32", "buffer", "u64", "u32"], result: "i32" },
  tee: { parameters: ["i32", "i32", "u64", "u32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "u64", "i64"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  pwrite: { parameters: ["i32", "buffer", "u64", "i64"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
} as const;

const SPAWN_SYMBOLS = {
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_addclose: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  sigfillset: { parameters: ["buffer"], result: "i32" },
  sigemptyset: { parameters: ["buffer"], result: "i32" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  waitid: { parameters: ["i32", "i32", "buffer", "i32"], result: "i32" },
} as const;

/** Since glibc 2.34. */
const CLOSE_FROM_SYMBOLS = {
  posix_spawn_file_actions_addclosefrom_np: { parameters: ["buffer", "i32"], result: "i32" },
} as const;

type Call = (...values: unknown[]) => number;
export type Libc = Readonly<Record<keyof typeof SYMBOLS, Call>>;
export type RelayLibc = Readonly<Record<keyof typeof RELAY_SYMBOLS, Call>>;
export type SpawnLibc = Readonly<Record<keyof typeof SPAWN_SYMBOLS, Call>>;

type Signatures<Names extends string> = Readonly<
  Record<Names, { readonly parameters: readonly string[]; readonly result: string }>
>;

/** The GNU C library; others (musl) go without. */
const LIBRARY = "libc.so.6";

/** The words of Koffi for those of Deno. */
const KOFFI_TYPES: Readonly<Record<string, string>> = {
  buffer: "void *",
  i32: "int",
  i16: "short",
  u32: "unsigned int",
  u64: "size_t",
  i64: "int64_t",
  pointer: "void *",
};

/** The C library, or undefined where it cannot be called. */
export const libc: Libc | undefined = isLinux ? await openLibc(SYMBOLS) : undefined;

/** The number of the last call that failed; to be asked at once. */
export const errno: () => number = libc === undefined ? () => 0 : await chooseErrno();

/**
 * What is needed to start processes with it: the ways of Deno and Node copy the engine's page tables for every process
 * (about 2 ms for each 50 MiB on Node), and that of Bun, which does not, costs more than the system asks for.
 */
export const spawnLibc: SpawnLibc | undefined = libc === undefined
  ? undefined
  : await openLibc(SPAWN_SYMBOLS);

/** Closes all descriptors of a started process from a number on; undefined where the C library is too old for it. */
export const closeFromLibc: Readonly<Record<keyof typeof CLOSE_FROM_SYMBOLS, Call>> | undefined =
  spawnLibc === undefined ? undefined : await openLibc(CLOSE_FROM_SYMBOLS);

/** Opened when the first relay starts: most runs of short flows need none. */
export async function openRelayLibc(): Promise<
  { readonly calls: RelayLibc; readonly errno: () => number } | undefined
> {
  if (libc === undefined) return undefined;
  const calls = await openLibc(RELAY_SYMBOLS);
  return calls === undefined ? undefined : { calls, errno };
}

async function chooseErrno(): Promise<() => number> {
  const location: unknown = deno === undefined && bun === undefined ? undefined : libc?.__errno_location();
  if (deno !== undefined) {
    const view = new deno.UnsafePointerView(location);
    return () => view.getInt32();
  }
  if (bun !== undefined) {
    const bunFfi = "bun:ffi";
    // The shape of Bun's FFI as far as it is used; the module exists on Bun only.
    const { read } = await import(bunFfi) as { read: { i32(pointer: number, offset: number): number } };
    return () => read.i32(Number(location), 0);
  }
  const koffi = await importKoffi();
  return () => koffi?.errno() ?? 0;
}

/** Where the bytes of a typed array lie. */
export const addressOf: (bytes: Uint8Array) => bigint = await chooseAddressOf();

async function openLibc<Names extends string>(
  symbols: Signatures<Names>,
): Promise<Readonly<Record<Names, Call>> | undefined> {
  const open = deno !== undefined ? openWithDeno : bun !== undefined ? await loadBun() : await loadKoffi();
  try {
    // Each opener gives a function for every symbol, or throws; all results are declared i32, a number.
    return open?.(symbols) as Readonly<Record<Names, Call>> | undefined;
  } catch {
    // Not there, or not permitted: it goes without.
    return undefined;
  }
}

type Opener = (symbols: Signatures<string>) => Readonly<Record<string, Call>> | undefined;

function openWithDeno(symbols: Signatures<string>): Readonly<Record<string, Call>> | undefined {
  // On a terminal Deno would ask for this library alone, and then look for it in the working directory.
  if (deno?.permissions.querySync({ name: "ffi" }).state === "prompt" && deno.stdin.isTerminal()) {
    deno.permissions.requestSync({ name: "ffi" });
  }
  return deno?.dlopen(LIBRARY, symbols).symbols as Readonly<Record<string, Call>> | undefined;
}

async function loadBun(): Promise<Opener> {
  const bunFfi = "bun:ffi";
  // The shape of Bun's FFI as far as it is used; the module exists on Bun only.
  const { dlopen } = await import(bunFfi) as {
    dlopen(path: string, symbols: Record<string, { args: string[]; returns: string }>): {
      symbols: Record<string, Call>;
    };
  };
  return (symbols) => {
    const converted = Object.entries(symbols).map(([symbol, { parameters, result }]) => [
      symbol,
      {
        args: parameters.map((parameter) => parameter === "buffer" ? "ptr" : parameter),
        returns: result === "pointer" ? "ptr" : result,
      },
    ]);
    return dlopen(LIBRARY, Object.fromEntries(converted)).symbols;
  };
}

async function loadKoffi(): Promise<Opener | undefined> {
  const koffi = await importKoffi();
  if (koffi === undefined) return undefined;
  return (symbols) => {
    const library = koffi.load(LIBRARY);
    const convert = (type: string): string => KOFFI_TYPES[type] ?? type;
    return Object.fromEntries(
      Object.entries(symbols).map(([symbol, { parameters, result }]) => {
        const call: Call = library.func(symbol, convert(result), parameters.map(convert));
        return [symbol, call];
      }),
    );
  };
}

/** Undefined where its compiled part is missing: it is an optional part of an installation. */
async function importKoffi(): Promise<typeof Koffi | undefined> {
  try {
    return (await import("koffi")).default;
  } catch {
    return undefined;
  }
}

async function chooseAddressOf(): Promise<(bytes: Uint8Array) => bigint> {
  if (deno !== undefined) {
    return (bytes) => BigInt(deno?.UnsafePointer.value(deno.UnsafePointer.of(bytes)) ?? 0);
  }
  if (bun !== undefined) {
    const bunFfi = "bun:ffi";
    // The shape of Bun's FFI as far as it is used; the module exists on Bun only.
    const { ptr } = await import(bunFfi) as { ptr(bytes: Uint8Array): number };
    return (bytes) => BigInt(ptr(bytes));
  }
  const koffi = spawnLibc === undefined ? undefined : await importKoffi();
  return (bytes) => koffi?.address(bytes) ?? 0n;
}
