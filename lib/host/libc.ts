/**
 * The few functions of the C library that no runtime offers: pipes as plain descriptors, their size, and on Deno
 * starting a process with exact descriptors. Undefined where they cannot be had (Node, a denied permission).
 */
import { bun, deno, isLinux } from "./runtime.ts";

/** Signatures in the words of Deno; `buffer` is a pointer to the bytes of a typed array. */
const SYMBOLS = {
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
} as const;

const SPAWN_SYMBOLS = {
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  sigfillset: { parameters: ["buffer"], result: "i32" },
  sigemptyset: { parameters: ["buffer"], result: "i32" },
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
} as const;

type Call = (...values: unknown[]) => number;
export type Libc = Readonly<Record<keyof typeof SYMBOLS, Call>>;
export type SpawnLibc = Readonly<Record<keyof typeof SPAWN_SYMBOLS, Call>>;

const NAMES = ["libc.so.6", "libc.so"];

/** The C library, or undefined where it cannot be called. */
export const libc: Libc | undefined = await openLibc();

/** What Deno needs to start processes by itself; undefined elsewhere. */
export const spawnLibc: SpawnLibc | undefined = deno !== undefined && libc !== undefined
  ? openWithDeno(SPAWN_SYMBOLS)
  : undefined;

async function openLibc(): Promise<Libc | undefined> {
  if (!isLinux) return undefined;
  if (deno !== undefined) return openWithDeno(SYMBOLS);
  return bun !== undefined ? await openWithBun() : undefined;
}

function openWithDeno<Names extends string>(
  symbols: Readonly<Record<Names, { parameters: readonly string[]; result: string }>>,
): Readonly<Record<Names, Call>> | undefined {
  for (const name of NAMES) {
    try {
      // Every result is declared i32, which Deno gives as a number.
      return deno?.dlopen(name, symbols).symbols as Record<Names, Call> | undefined;
    } catch {
      // Not there under this name, or not permitted: the next name, then without it.
    }
  }
  return undefined;
}

async function openWithBun(): Promise<Libc | undefined> {
  const bunFfi = "bun:ffi";
  // The shape of Bun's FFI as far as it is used; the module exists on Bun only.
  const { dlopen } = await import(bunFfi) as {
    dlopen(path: string, symbols: Record<string, { args: string[]; returns: string }>): { symbols: Libc };
  };
  const symbols = Object.fromEntries(
    Object.entries(SYMBOLS).map(([name, { parameters, result }]) => [
      name,
      { args: parameters.map((parameter) => parameter === "buffer" ? "ptr" : parameter), returns: result },
    ]),
  );
  for (const name of NAMES) {
    try {
      return dlopen(name, symbols).symbols;
    } catch {
      // As above.
    }
  }
  return undefined;
}
