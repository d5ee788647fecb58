/** `sluice tree FLOW [--db FILE]` */
import type { Flow } from "../../core/flow.ts";
import type { TreeState } from "../../report/tree.ts";
import { listTreeLines } from "../../report/tree.ts";
import { writeLines } from "../../report/write_text.ts";
import { StoreError } from "../../store/store_error.ts";
import { openFlow } from "../open_flow.ts";
import type { Arguments } from "../read_arguments.ts";
import { wantsColor } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

export async function treeCommand(given: Arguments): Promise<number> {
  const { db, "no-color": isPlain = false } = given.options;
  const { flow } = await openFlow(given, wantsColor(2, isPlain));
  const states = db === undefined ? undefined : await findBuilt(flow, db);
  const color = wantsColor(1, isPlain);
  writeLines(1, listTreeLines(flow, { color, ...(states === undefined ? {} : { states }) }));
  return 0;
}

/** What `--resume` would not run again. */
async function findBuilt(flow: Flow, db: string): Promise<ReadonlyMap<string, TreeState>> {
  const { resumeState } = await import("../../run/load_state.ts");
  try {
    const state = resumeState(flow, db);
    await state?.remove();
    return new Map([...state?.built ?? []].map((name) => [name, { state: "done" }]));
  } catch (error) {
    throw error instanceof StoreError ? new UsageError(error.message) : error;
  }
}
