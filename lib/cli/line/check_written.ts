/**
 * The files that are written beside the outputs of a flow: each has one writer, and what the flow was read from has none.
 */
import { resolve } from "node:path";
import type { Plan } from "../../core/plan.ts";
import { nameOutputFile } from "../../process/start/output_place.ts";
import type { GivenOptions } from "./read_arguments.ts";
import { UsageError } from "./usage_error.ts";

type Written = Pick<GivenOptions, "events" | "log" | "report" | "db" | "save-state" | "env-file">;

/** Throws a UsageError when one of them is something else, too, by whatever name. */
export function checkWritten({ flow, outputs }: Plan, options: Written): void {
  const taken = new Map<string, string>();
  const take = (path: string | undefined, use: string): string | undefined => {
    const name = path === undefined || path === "-" ? undefined : nameOutputFile(resolve(path));
    if (name === undefined) return undefined;
    const other = taken.get(name);
    taken.set(name, other ?? use);
    return other;
  };
  for (const file of flow.origins.files) take(file, "the flow was read from it");
  take(options["env-file"], "it is the file of --env-file");
  for (const { target } of outputs) take(target, "it is a file of out");
  take(options.db ?? options["save-state"], "it is the database");
  for (const option of ["events", "log", "report"] as const) {
    const other = take(options[option], `--${option} writes it`);
    if (other === undefined) continue;
    throw new UsageError(
      `Cannot write --${option} to "${options[option]}": ${other} (expected another file)`,
    );
  }
}
