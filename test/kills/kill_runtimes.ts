/** The runtimes that the engine is killed on. */
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules", ".bin");
const program = join(root, "mod.ts");

export interface KillRuntime {
  readonly name: string;
  readonly command: readonly string[];
}

export const RUNTIMES: readonly KillRuntime[] = [
  { name: "node", command: [join(bin, "node"), program] },
  { name: "deno", command: [join(bin, "deno"), "run", "-A", program] },
  { name: "bun", command: [join(bin, "bun"), program] },
];

/** Throws for an unknown name. */
export function runtimeOf(name: string): KillRuntime {
  const found = RUNTIMES.find((runtime) => runtime.name === name);
  if (found === undefined) throw new Error(`Unknown runtime "${name}" (node, deno or bun)`);
  return found;
}
