/** `sluice tree FLOW` */
import process from "node:process";
import { listTreeLines } from "../../report/tree.ts";
import { writeLines } from "../../report/write_text.ts";
import { openFlow } from "../open_flow.ts";
import type { Arguments } from "../read_arguments.ts";
import { wantsColor } from "../terminal.ts";

export async function treeCommand(given: Arguments): Promise<number> {
  const isPlain = given.options["no-color"] === true;
  const { flow } = await openFlow(given, wantsColor(process.stderr, isPlain));
  writeLines(1, listTreeLines(flow, { color: wantsColor(process.stdout, isPlain) }));
  return 0;
}
