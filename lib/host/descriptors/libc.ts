/**
 * The few functions of the C library that no runtime offers: pipes as plain descriptors, their size, and starting a
 * process with exact descriptors. Deno and Bun can call it, Node with koffi. Undefined where that cannot be had: not
 * on Linux, a denied permission, no compiled koffi; then `mkfifo` and execa take over.
 *
 * Each table is opened when it is first asked for, so whoever only imports this opens nothing and is asked for nothing.
 */
import process from "node:process";
import type Koffi from "koffi";
import { bun, deno, isLinux } from "../runtime.ts";

/** Signatures in the words of Deno; `buffer` is a pointer to the bytes of a typed array. */
const SYMBOLS = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  syncfs: { parameters: ["i32"], result: "i32" },
  _exit: { parameters: ["i32"], result: "i32" },
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
export const libc: () => Libc | undefined = once(() => isLinux ? openTable(SYMBOLS) : undefined);

/**
 * What is needed to start processes with it: the ways of Deno and Node copy the engine's page tables for every process
 * (about 2 ms for each 50 MiB on Node), and that of Bun, which does not, costs more than the system asks for.
 */
export const spawnLibc: () => SpawnLibc | undefined = once(() =>
  libc() === undefined ? undefined : openTable(SPAWN_SYMBOLS)
);

/** Closes all descriptors of a started process from a number on; undefined where the C library is too old for it. */
export const closeFromLibc: () =>
  | Readonly<Record<keyof typeof CLOSE_FROM_SYMBOLS, Call>>
  | undefined = once(() => spawnLibc() === undefined ? undefined : openTable(CLOSE_FROM_SYMBOLS));

/** What relays move bytes with: most runs of short flows need none. */
export function openRelayLibc(): { readonly calls: RelayLibc; readonly errno: () => number } | undefined {
  const calls = libc() === undefined ? undefined : openTable(RELAY_SYMBOLS);
  return calls === undefined ? undefined : { calls, errno };
}

/** The number of the last call that failed; to be asked at once. */
export function errno(): number {
  return readErrno()();
}

const readErrno = once((): () => number => {
  if (libc() === undefined) return () => 0;
  if (deno !== undefined) {
    const view = new deno.UnsafePointerView(libc()?.__errno_location());
    return () => view.getInt32();
  }
  if (bun !== undefined) {
    const { read } = bunFfi();
    const location = Number(libc()?.__errno_location());
    return () => read.i32(location, 0);
  }
  return () => koffi()?.errno() ?? 0;
});

/** Where the bytes of a typed array lie. */
export function addressOf(bytes: Uint8Array): bigint {
  if (deno !== undefined) return BigInt(deno.UnsafePointer.value(deno.UnsafePointer.of(bytes)));
  if (bun !== undefined) return BigInt(bunFfi().ptr(bytes));
  return koffi()?.address(bytes) ?? 0n;
}

type Opener = (symbols: Signatures<string>) => Readonly<Record<string, Call>> | undefined;

function openTable<Names extends string>(
  symbols: Signatures<Names>,
): Readonly<Record<Names, Call>> | undefined {
  const open: Opener = deno !== undefined ? openWithDeno : bun !== undefined ? openWithBun : openWithKoffi;
  try {
    // Each opener gives a function for every symbol, or throws; all results are declared i32, a number.
    return open(symbols) as Readonly<Record<Names, Call>> | undefined;
  } catch {
    // Not there, or not permitted: it goes without.
    return undefined;
  }
}

function openWithDeno(symbols: Signatures<string>): Readonly<Record<string, Call>> | undefined {
  // On a terminal Deno would ask for this library alone, and then look for it in the working directory.
  if (deno?.permissions.querySync({ name: "ffi" }).state === "prompt" && deno.stdin.isTerminal()) {
    deno.permissions.requestSync({ name: "ffi" });
  }
  return deno?.dlopen(LIBRARY, symbols).symbols as Readonly<Record<string, Call>> | undefined;
}

/** Bun's FFI as far as it is used. */
interface BunFfi {
  dlopen(path: string, symbols: Record<string, { args: string[]; returns: string }>): {
    symbols: Record<string, Call>;
  };
  readonly read: { i32(pointer: number, offset: number): number };
  ptr(bytes: Uint8Array): number;
}

// The module exists on Bun only, and there it has this shape.
const bunFfi = once(() => (process.getBuiltinModule as (name: string) => unknown)("bun:ffi") as BunFfi);

function openWithBun(symbols: Signatures<string>): Readonly<Record<string, Call>> {
  const converted = Object.entries(symbols).map(([symbol, { parameters, result }]) => [
    symbol,
    {
      args: parameters.map((parameter) => parameter === "buffer" ? "ptr" : parameter),
      returns: result === "pointer" ? "ptr" : result,
    },
  ]);
  return bunFfi().dlopen(LIBRARY, Object.fromEntries(converted)).symbols;
}

function openWithKoffi(symbols: Signatures<string>): Readonly<Record<string, Call>> | undefined {
  const library = koffi()?.load(LIBRARY);
  if (library === undefined) return undefined;
  const convert = (type: string): string => KOFFI_TYPES[type] ?? type;
  return Object.fromEntries(
    Object.entries(symbols).map(([symbol, { parameters, result }]) => {
      const call: Call = library.func(symbol, convert(result), parameters.map(convert));
      return [symbol, call];
    }),
  );
}

/** Undefined where its compiled part is missing: it is an optional part of an installation. */
const koffi = once((): typeof Koffi | undefined => {
  try {
    // The package is a module of the older kind, which alone can be loaded without waiting.
    return loadKoffi(process.getBuiltinModule("node:module").createRequire);
  } catch {
    return undefined;
  }
});

/**
 * Its compiled part alone, where there is one for this C library: the rest of the package finds out which it is, and for
 * that takes every name of `node:fs` and `node:util`, for which Node loads thirty modules.
 */
function loadKoffi(createRequire: (from: string) => NodeJS.Require): typeof Koffi {
  const require = createRequire(import.meta.url);
  const { platform, arch } = process;
  try {
    const requireFromIt = createRequire(require.resolve("koffi"));
    return requireFromIt(`@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`) as typeof Koffi;
  } catch {
    return require("koffi") as typeof Koffi;
  }
}

/** What is made when it is first asked for. */
function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}
