/** Holds what a run's database has against what the reference says of every stream. */
import { Buffer } from "node:buffer";
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { openStoreToRead } from "../../lib/store/capture/open_store.ts";
import { RunArchive } from "../../lib/store/capture/run_archive.ts";
import type { PlainActor, PlainFlow } from "./flow_case.ts";
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
  { flow, isKilled = false }: { readonly flow: PlainFlow; readonly isKilled?: boolean },
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
      if (isLoose(flow.actors[actor])) {
        const isRight = areLinesOf(file, { pieces: archive.readStream(stream), isAll: stream.isComplete });
        return isRight ? [] : [{ kind: "bytes", text: `captured ${stream.name}: other lines than it has` }];
      }
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

/** True when the order of its lines is that in which they come; whoever reads it sorts them. */
function isLoose(actor: PlainActor | undefined): boolean {
  const { merge, workers, run } = actor ?? {};
  return run?.[0] !== "sort" &&
    (merge === "lines" || (typeof workers === "object" && "order" in workers && workers.order === "any"));
}

/** True when the lines are those of the file in any order; of what is not complete the last one is left out. */
function areLinesOf(
  file: string,
  { pieces, isAll }: { readonly pieces: Iterable<Uint8Array>; readonly isAll: boolean },
): boolean {
  const linesOf = (bytes: Buffer): string[] => bytes.toString("latin1").split("\n");
  const expected = linesOf(readFileSync(file)).sort();
  const found = linesOf(Buffer.concat([...pieces]));
  if (isAll) return found.sort().join("\n") === expected.join("\n");
  const left = new Map<string, number>();
  for (const line of expected) left.set(line, (left.get(line) ?? 0) + 1);
  return found.slice(0, -1).every((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count > 0;
  });
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
