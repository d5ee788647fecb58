/**
 * Where the programs are that come with the engine, and how this runtime is started with one of them. In the source
 * tree they are in `actors`; in the npm package those in TypeScript are built, as Node takes none from there.
 */
import process from "node:process";
import { runtimeName } from "./runtime.ts";

const isBuilt = import.meta.url.endsWith(".js");

/** The path of a program in Python, by its name below `actors`; undefined when it is not on this machine. */
export function pythonActor(name: string): string | undefined {
  return toPath(new URL(`${isBuilt ? "../../../" : "../../"}actors/${name}.py`, import.meta.url));
}

/** The command that runs a program in TypeScript, by its name below `actors`, on the runtime of the engine. */
export function typescriptActor(name: string): readonly [string, ...string[]] {
  const url = new URL(`../../actors/${name}.${isBuilt ? "js" : "ts"}`, import.meta.url);
  const file = toPath(url) ?? url.href; // Deno fetches it.
  return [process.execPath, ...(runtimeName === "deno" ? ["run", "-A", "--quiet"] : []), file];
}

function toPath(url: URL): string | undefined {
  return url.protocol === "file:" ? process.getBuiltinModule("node:url").fileURLToPath(url) : undefined;
}
