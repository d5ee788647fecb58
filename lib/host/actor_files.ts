/**
 * Where the programs are that come with the engine, and how this runtime is started with one of them. In the source
 * tree they are in `actors`; in the npm package those in TypeScript are built, as Node takes none from there.
 */
import process from "node:process";
import { embedded, ownPath } from "./own_files.ts";
import { type RuntimeName, runtimeName } from "./runtime.ts";

const isBuilt = import.meta.url.endsWith(".js");

/** The path of a program in Python, by its name below `actors`; undefined when it is not on this machine. */
export function pythonActor(name: string): string | undefined {
  return ownPath(
    `actors/${name}.py`,
    new URL(`${isBuilt ? "../../../" : "../../"}actors/${name}.py`, import.meta.url),
  );
}

/** The folder of the SDK for Python; undefined when it is not on this machine. */
export function pythonFolder(): string | undefined {
  return ownPath(
    "actors/python",
    new URL(`${isBuilt ? "../../../" : "../../"}actors/python`, import.meta.url),
  );
}

/** The command that runs a program in TypeScript, by its name below `actors`, on the runtime of the engine. */
export function typescriptActor(name: string): readonly [string, ...string[]] {
  if (embedded !== undefined) return [process.execPath, embedded.handlerWord];
  const url = new URL(`../../actors/${name}.${isBuilt ? "js" : "ts"}`, import.meta.url);
  const file = toPath(url) ?? url.href; // Deno fetches it.
  return [process.execPath, ...FLAGS[runtimeName](), file];
}

/** What a runtime is told so that it runs TypeScript, without a word of its own. */
const FLAGS: Readonly<Record<RuntimeName, () => readonly string[]>> = {
  deno: () => ["run", "-A", "--quiet"],
  bun: () => [],
  node: () => {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const isUsual = major > 24 || (major === 24 && minor >= 3);
    return isUsual ? [] : ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
  },
};

function toPath(url: URL): string | undefined {
  return url.protocol === "file:" ? process.getBuiltinModule("node:url").fileURLToPath(url) : undefined;
}
