/**
 * The files that a command names: scripts, settings, whatever is given by its path.
 */

import { placeFrom } from "../../host/files/working_folder.ts";
import type { ActorSource } from "../../core/flow.ts";
import { statIfThere } from "../../host/files/stat_if_there.ts";

/**
 * The absolute paths of the regular files that are named by the words of a command, as they are or behind a `=`. What a
 * shell script writes to is none of them. A guess: a file is named, too, by a word that only looks like it.
 */
export function namedFiles(source: ActorSource, folder: string): readonly string[] {
  const words = source.kind === "run" ? source.argv : source.kind === "sh" ? wordsOf(source.script) : [];
  const names = words.flatMap((word) => [word, word.slice(word.indexOf("=") + 1)]);
  const paths = names.filter((name) => name !== "" && !name.includes("\0")).map((name) =>
    placeFrom(folder, name)
  );
  return [...new Set(paths)].filter((path) => statIfThere(path)?.isFile());
}

function wordsOf(script: string): readonly string[] {
  return script.replace(/>>?\s*[^\s;|&<>()'"`]+/g, " ").split(/[\s;|&<>()'"`]+/);
}
