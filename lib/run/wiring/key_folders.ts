/**
 * The files of the records of single keys, for the processes of their members: a folder in the run's for each split, and
 * in it a file for each key, by its number.
 */
import { join } from "node:path";
import { streamKey } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";

/** Where the records of a split's keys are. */
export function keyFolderOf(
  actor: string,
  { splits, folder }: Pick<Plan, "splits"> & { folder: string },
): string {
  return join(folder, `keys-${splits.findIndex((split) => split.actor.name === actor)}`);
}

/** Finds the file of a member's own records by the stream that it reads; undefined for any other stream. */
export function findRecords(
  { splits }: Pick<Plan, "splits">,
  folder: string,
): (stream: string, index: number) => string | undefined {
  const folders = new Map(splits.map(({ actor: { name } }) => [
    streamKey({ actor: name, port: "stdout" }),
    keyFolderOf(name, { splits, folder }),
  ]));
  return (stream, index) => {
    const found = folders.get(stream);
    return found === undefined ? undefined : join(found, String(index));
  };
}
