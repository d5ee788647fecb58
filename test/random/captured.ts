/** Holds what a run's database has against what the reference says of every stream. */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { openStoreToRead } from "../../lib/store/capture/open_store.ts";
import { RunArchive } from "../../lib/store/capture/run_archive.ts";
import type { Problem } from "./verify.ts";

/** An actor of the flow that is used has a longer name. */
const IN_USED = /^u0\//;

/** The database of a captured case. */
export function databaseOf(folder: string): string {
  return join(folder, "run.db");
}

/** A complete stream is the reference's; of another there is a beginning. `isKilled`: the run may have no end. */
export function compareCaptured(
  folder: string,
  { isKilled = false }: { readonly isKilled?: boolean } = {},
): readonly Problem[] {
  const database = databaseOf(folder);
  if (isKilled && (!existsSync(database) || statSync(database).size === 0)) return [];
  const archive = new RunArchive(openStoreToRead(database));
  try {
    const [run] = archive.listRuns();
    if (isKilled && run === undefined) return [];
    if (run === undefined || (!isKilled && run.endedAt === undefined)) {
      return [{ kind: "bytes", text: "captured: the run has no end" }];
    }
    return archive.read(run).streams.flatMap((stream): Problem[] => {
      const actor = stream.actor.replace(IN_USED, "");
      const file = join(folder, "reference", `${actor}.${stream.port}`);
      if (!existsSync(file)) return [];
      const size = countSame(file, archive.readStream(stream));
      if (size.same === stream.size && (!stream.isComplete || size.isAll)) return [];
      const text = `captured ${stream.name}: ${size.same} bytes of ${stream.size} are right, and it is ${
        stream.isComplete ? "" : "not "
      }complete`;
      return [{ kind: "bytes", text }];
    });
  } finally {
    archive.close();
  }
}

function countSame(file: string, pieces: Iterable<Uint8Array>): { same: number; isAll: boolean } {
  const fd = openSync(file, "r");
  try {
    let same = 0;
    for (const piece of pieces) {
      const expected = new Uint8Array(piece.length);
      const count = readSync(fd, expected, 0, piece.length, same);
      const at = piece.findIndex((byte, index) => index >= count || byte !== expected[index]);
      same += at === -1 ? piece.length : at;
      if (at !== -1) return { same, isAll: false };
    }
    return { same, isAll: readSync(fd, new Uint8Array(1), 0, 1, same) === 0 };
  } finally {
    closeSync(fd);
  }
}
