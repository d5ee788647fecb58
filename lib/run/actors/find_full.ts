/**
 * Which disk has no room left that an actor writes to by itself: it knows no more than that it could not write.
 */
import { dirname } from "node:path";
import type { FullDisk } from "../../core/failure.ts";
import { NEARLY_FULL_BYTES } from "../../core/limits/process.ts";
import { freeBytesOf } from "../../host/files/free_bytes.ts";
import type { ActorRun } from "../state/actor_run.ts";

/** Undefined when there is room on all of them. */
export function findFull(
  { actor, copy, process }: Pick<ActorRun, "actor" | "copy" | "process">,
  { outFiles, cacheFolder }: {
    /** The files of `out` that it was given. */
    readonly outFiles: readonly string[];
    readonly cacheFolder: string | undefined;
  },
): FullDisk | undefined {
  const all = [
    ...outFiles.map((path) => ({ folder: dirname(path), tells: { of: "out", path } as const })),
    ...copy?.member?.listWritten() ?? [],
    ...(actor.isCached === true && cacheFolder !== undefined
      ? [{ folder: cacheFolder, tells: { of: "cache", path: cacheFolder } as const }]
      : []),
  ];
  // Another one that has failed of it, or the database, may have given some room back since.
  const saysSo = process.lastLines.some((line) => /No space left on device|ENOSPC/i.test(line));
  return all.find(({ folder }) => freeBytesOf(folder) <= (saysSo ? NEARLY_FULL_BYTES : 0))?.tells;
}
