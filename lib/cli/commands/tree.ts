/** `sluice tree FLOW [--db FILE]` */
import type { Flow } from "../../core/flow.ts";
import { listTalks } from "../../graph/list_messaging.ts";
import { listTalkLines } from "../../report/text/messages_text.ts";
import type { TreeState } from "../../report/text/tree.ts";
import { listTreeLines } from "../../report/text/tree.ts";
import { writeLines } from "../../report/sinks/write_text.ts";
import { explainStore, openFlow } from "../line/open_flow.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";

export async function treeCommand(given: Arguments): Promise<number> {
  const { db, "no-color": isPlain = false } = given.options;
  const { flow } = await openFlow(given, wantsColor(2, isPlain));
  const states = db === undefined ? undefined : await findBuilt(flow, db);
  const color = wantsColor(1, isPlain);
  writeLines(
    1,
    listTreeLines(flow, {
      color,
      isExpanded: given.options.expand === true,
      ...(states === undefined ? {} : { states }),
    }),
  );
  writeLines(1, listTalkLines(listTalks(flow)));
  return 0;
}

/** What `--resume` would not run again. */
async function findBuilt(flow: Flow, db: string): Promise<ReadonlyMap<string, TreeState>> {
  const { resumeState } = await import("../../run/capture/load_state.ts");
  return await explainStore(async () => {
    const state = resumeState(flow, db);
    await state?.remove();
    return new Map([...state?.built ?? []].map((name) => [name, { state: "done" }]));
  });
}
