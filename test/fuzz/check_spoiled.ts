/**
 * What the program does with a flow file before it starts anything, in this process: it is good, and everything can be
 * told of it; or it is not, and each of its mistakes is told. Nothing throws.
 */
import { writeFileSync } from "node:fs";
import type { Flow } from "../../lib/core/flow.ts";
import { FlowError, type PlacedIssue } from "../../lib/core/issue.ts";
import type { FlowText } from "../../lib/flow/read/flow_text.ts";
import { formatIssues } from "../../lib/flow/read/issue_text.ts";
import { loadFlow } from "../../lib/flow/load_flow.ts";
import { placeIssues } from "../../lib/flow/read/place_issues.ts";
import { formatCheck } from "../../lib/report/text/check_text.ts";
import { formatDot } from "../../lib/report/picture/dot.ts";
import { formatMermaid } from "../../lib/report/picture/mermaid.ts";
import { listPlanLines } from "../../lib/report/picture/plan_text.ts";
import { listTreeLines } from "../../lib/report/text/tree.ts";
import { check } from "../../lib/run/check_here.ts";
import type { SpoiledFlow } from "./spoil_flow.ts";

export interface Checked {
  readonly isGood: boolean;
  /** Empty when all is as it should be. */
  readonly problems: readonly string[];
}

/** Never throws; `file` is where the flow is written for that. */
export async function checkSpoiled({ folder, bytes }: SpoiledFlow, file: string): Promise<Checked> {
  writeFileSync(file, bytes);
  try {
    const loaded = await loadFlow(file, { cwd: folder });
    if (!loaded.ok) return { isGood: false, problems: judgeIssues(loaded.issues) };
    return await tellAll(loaded);
  } catch (error) {
    return {
      isGood: false,
      problems: [`it throws: ${error instanceof Error ? error.stack : String(error)}`],
    };
  }
}

async function tellAll({ flow, text }: { readonly flow: Flow; readonly text: FlowText }): Promise<Checked> {
  const place = async (issues: FlowError["issues"]): Promise<Checked> => ({
    isGood: false,
    problems: judgeIssues(await placeIssues(issues, text)),
  });
  try {
    const { plan, hazards, isComplete, issues } = check(flow);
    const told = [
      formatCheck(plan, { isExpanded: true, hazards, isComplete, color: false }),
      ...listPlanLines(plan, { isExpanded: true }),
      ...listTreeLines(flow, { isExpanded: false, color: false }),
      formatMermaid(plan, { isExpanded: true }),
      formatDot(plan, {}),
    ].join("\n");
    if (issues.length > 0) return await place(issues);
    return { isGood: true, problems: judgeText(told) };
  } catch (error) {
    if (error instanceof FlowError) return await place(error.issues);
    throw error;
  }
}

/** What is wrong, `"name"` of what it is about or a place; and in brackets what would be right. */
const MESSAGE = /^Cannot [^]+: [^]+\([^]+\)/;

function judgeIssues(issues: readonly PlacedIssue[]): string[] {
  const vague = issues.filter(({ message }) => !MESSAGE.test(message));
  return [
    ...(issues.length === 0 ? ["it is refused without an issue"] : []),
    ...vague.map(({ message }) => `it does not say what is wrong and what would be right: ${message}`),
    ...judgeText(formatIssues(issues, { color: false })),
  ];
}

// deno-lint-ignore no-control-regex -- these are what is looked for
const CONTROL = /[\0-\x08\x0b-\x1f\x7f\u202e]/;

/** A terminal would obey these, and people would not understand those. */
function judgeText(text: string): string[] {
  const control = CONTROL.exec(text);
  const strange = /\[object |\bundefined\b|^ +at .*:\d+:\d+\)?$/m.exec(text);
  return [
    ...(control === null
      ? []
      : [`it prints a control character: ${JSON.stringify(around(text, control.index))}`]),
    ...(strange === null ? [] : [`it prints ${strange[0]}: ${JSON.stringify(around(text, strange.index))}`]),
  ];
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - 100), at + 40);
}
