/**
 * Gives issues their places in the text they are about.
 */
import type { FlowIssue, PlacedIssue, UsedText, UsePlace } from "../../core/issue.ts";
import type { FlowText } from "./flow_text.ts";

/** The issues with their places, in the order of the text. */
export async function placeIssues(issues: readonly FlowIssue[], text: FlowText): Promise<PlacedIssue[]> {
  // Only who has made a mistake needs places.
  const { findPlace } = await import("./flow_text.ts");
  const placeUse = (used: UsedText): UsePlace[] => {
    const { path, used: by } = used.by;
    const { line, column } = findPlace(by ?? text, path, "key");
    const at = { path, line, column, ...fileOf(by ?? text) };
    return [at, ...by === undefined ? [] : placeUse(by)];
  };
  return sortIssues(issues.map((issue) => {
    const { path, at, used } = issue;
    if (at === "outside") return issue;
    if (used === undefined) return { ...issue, ...fileOf(text), ...findPlace(text, path, at) };
    const usedAt = placeUse(used);
    // What is no JSON has its place already.
    if (used.text === "") return { ...issue, usedAt };
    return { ...issue, ...fileOf(used), ...findPlace(used, path, at), usedAt };
  }));
}

function fileOf({ file }: Pick<FlowText, "file">): { readonly file?: string } {
  return file === undefined ? {} : { file };
}

/** In the order of the text; issues without a place come first, those of flows that are used where they are used. */
export function sortIssues(issues: readonly PlacedIssue[]): PlacedIssue[] {
  const placeOf = (issue: PlacedIssue): UsePlace => issue.usedAt?.at(-1) ?? issue;
  return issues.toSorted((a, b) =>
    (placeOf(a).line ?? 0) - (placeOf(b).line ?? 0) || (placeOf(a).column ?? 0) - (placeOf(b).column ?? 0) ||
    (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
  );
}
