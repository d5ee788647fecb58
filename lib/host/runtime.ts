/**
 * Which runtime this is, and what it must be allowed to do. Deno and Bun are named in this folder only.
 */
const { process } = globalThis;

export type RuntimeName = "deno" | "bun" | "node";

/** The parts of Deno's global that the engine uses; checked to be there by `runtimeName`. */
export interface DenoGlobal {
  readonly version: { readonly deno: string };
  readonly stdin: { isTerminal(): boolean };
  readonly permissions: {
    querySync(descriptor: { name: string }): { state: "granted" | "prompt" | "denied" };
    requestSync(descriptor: { name: string }): { state: "granted" | "prompt" | "denied" };
  };
  readonly UnsafePointer: {
    of(buffer: Uint8Array): object | null;
    value(pointer: object | null): bigint | number;
  };
  readonly UnsafePointerView: new (pointer: unknown) => { getInt32(): number };
  statSync(path: string): { readonly mtime: Date | null; readonly size: number };
  dlopen(path: string, symbols: Record<string, { parameters: readonly string[]; result: string }>): {
    readonly symbols: Record<string, (...values: unknown[]) => number | bigint>;
  };
  addSignalListener(signal: string, handler: () => void): void;
  removeSignalListener(signal: string, handler: () => void): void;
}

/** The parts of Bun's global that the engine uses. */
export interface BunGlobal {
  readonly version: string;
  file(fd: number): {
    stream(): ReadableStream<Uint8Array>;
    writer(options: { highWaterMark: number }): {
      write(chunk: Uint8Array): number | Promise<number>;
      flush(): number | Promise<number>;
      end(): number | Promise<number>;
    };
  };
}

// The globals are looked up once; their absence is what the optional types say.
const globals = globalThis as unknown as { readonly Deno?: DenoGlobal; readonly Bun?: BunGlobal };

/** Deno's global where this is Deno. */
export const deno: DenoGlobal | undefined = globals.Deno;
/** Bun's global where this is Bun. */
export const bun: BunGlobal | undefined = globals.Bun;

export const runtimeName: RuntimeName = deno !== undefined ? "deno" : bun !== undefined ? "bun" : "node";

/** Name and version, such as `deno 2.9.6`. */
export function describeRuntime(): string {
  if (deno !== undefined) return `deno ${deno.version.deno}`;
  if (bun !== undefined) return `bun ${bun.version}`;
  return `node ${process.versions.node}`;
}

/** True where `/proc` tells which process holds what. */
export const isLinux: boolean = process.platform === "linux";

/** What the engine needs on Deno: it reads flows, writes outputs, starts processes and makes pipes. */
const DENO_PERMISSIONS = ["read", "write", "env", "run", "ffi"] as const;

/**
 * On Deno, makes sure of the permissions: on a terminal the user is asked for what is missing. Returns the line
 * to print when something is not granted, undefined when all is well. Other runtimes need nothing.
 */
export function ensurePermissions(): string | undefined {
  if (deno === undefined) return undefined;
  const isTerminal = deno.stdin.isTerminal();
  for (const name of DENO_PERMISSIONS) {
    let { state } = deno.permissions.querySync({ name });
    if (state === "prompt" && isTerminal) state = deno.permissions.requestSync({ name }).state;
    if (state !== "granted") {
      const flags = DENO_PERMISSIONS.map((permission) => `--allow-${permission}`).join(" ");
      return `sluice: Deno does not allow this program to ${
        EXPLAIN[name]
      }; run it with: deno run ${flags} mod.ts … (or -A for all)`;
    }
  }
  return undefined;
}

/** On Deno, asks for leave to listen at `HOST:PORT`, where a browser can ask; the line to tell when it is not given. */
export function askForNetwork(host: string): string | undefined {
  if (deno === undefined) return undefined;
  const asked = { name: "net", host } as const;
  const { state } = deno.stdin.isTerminal()
    ? deno.permissions.requestSync(asked)
    : deno.permissions.querySync(asked);
  return state === "granted"
    ? undefined
    : "Cannot serve the page: Deno does not allow this program to listen (expected deno run --allow-net … mod.ts, or -A)";
}

const EXPLAIN: Readonly<Record<typeof DENO_PERMISSIONS[number], string>> = {
  read: "read the flow file",
  write: "write the outputs",
  env: "pass the environment on to actors",
  run: "start processes",
  ffi: "make pipes",
};

/** True when a runtime could not load a module: each says it in its own words. */
export function isLoadError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") return true;
  return /^(E[A-Z]+ reading "|Cannot find module|Module not found|Import '.*' failed)/.test(error.message);
}
