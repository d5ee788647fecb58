/**
 * Variables that Node has taken from a file: it takes `--env-file` for its own wherever it stands on the command line,
 * also behind the program's name. Every process would get them.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { runtimeName } from "../runtime.ts";

/** Takes them out of the environment again, but for those that were there before. */
export function forgetLoaded(variables: Readonly<Record<string, string>>): void {
  if (runtimeName !== "node") return;
  const own = ownNames();
  for (const [name, value] of Object.entries(variables)) {
    if (own?.has(name) !== true && process.env[name] === value) delete process.env[name];
  }
}

/** As the process was started with them; undefined where the system does not tell. */
function ownNames(): ReadonlySet<string> | undefined {
  try {
    const entries = readFileSync("/proc/self/environ", "latin1").split("\0");
    return new Set(entries.map((entry) => entry.slice(0, Math.max(0, entry.indexOf("=")))));
  } catch {
    return undefined; // Then a variable that has the same value in both is forgotten, too.
  }
}
