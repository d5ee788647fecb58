/**
 * Gives issues their places in the text they are about.
 */
import type { FlowIssue, PlacedIssue } from "../../core/issue.ts";
import type { FlowText } from "./flow_text.ts";

/** The issues with their places, in the order of the text. */
export async function placeIssues(issues: readonly FlowIssue[], text: FlowText): Promise<PlacedIssue[]> {
  // Only who has made a mistake needs places.
  const { findPlace } = await import("./flow_text.ts");
  const file = text.file === undefined ? {} : { file: text.file };
  return sortIssues(issues.map((issue) => {
    const { path, at } = issue;
    return at === "outside" ? issue : { ...issue, ...file, ...findPlace(text, path, at) };
  }));
}

/** In the order of the text; issues without a place come first. */
export function sortIssues(issues: readonly PlacedIssue[]): PlacedIssue[] {
  return issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
