/**
 * What `check` prints: each edge, how it is carried and why, and what a shell would hang on.
 */
import { streamName } from "../core/flow.ts";
import type { Edge, EdgeTarget, Plan } from "../core/plan.ts";
import { targetName } from "./actor_text.ts";
import { makePaint } from "./paint.ts";

const EDGES_SHOWN_MAX = 200;

export function formatCheck(
  plan: Plan,
  { hazards, color }: {
    readonly hazards: readonly { readonly to: EdgeTarget; readonly edges: readonly Edge[] }[];
    readonly color: boolean;
  },
): string {
  const { flow } = plan;
  const paint = makePaint(color);
  const shown = plan.edges.slice(0, EDGES_SHOWN_MAX);
  const rows = shown.map((edge) =>
    [streamName(edge.from), targetName(edge.to, flow), edge.carrier, edge.reason] as const
  );
  const width = (column: 0 | 1): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [from, to] = [width(0), width(1)];
  const lines = [
    paint("bold", `${flow.name}: ${count(plan.actors.length, "actor")}, ${count(plan.edges.length, "edge")}`),
    ...summary(plan),
    ...rows.map((row) =>
      `  ${row[0].padEnd(from)} → ${row[1].padEnd(to)}  ${row[2].padEnd(10)}  ${paint("gray", row[3])}`
    ),
  ];
  if (plan.edges.length > shown.length) lines.push(`  … and ${plan.edges.length - shown.length} more`);
  if (hazards.length === 0) lines.push("No join would hang with plain pipes.");
  else {
    lines.push(
      paint(
        "yellow",
        "Would hang in a shell once more bytes are waiting than a pipe holds; the engine carries these edges:",
      ),
    );
    for (const { to: place, edges } of hazards.slice(0, EDGES_SHOWN_MAX)) {
      const streams = [...new Set(edges.map((edge) => streamName(edge.from)))];
      lines.push(`  ${targetName(place, flow)} reads ${streams.join(", ")}, which have a common origin`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function summary(plan: Plan): readonly string[] {
  if (plan.edges.length <= EDGES_SHOWN_MAX) return [];
  const carriers = ["pipe", "descriptor", "relay"] as const;
  const counts = carriers.map((carrier) =>
    `${plan.edges.filter((edge) => edge.carrier === carrier).length} ${carrier}`
  );
  return [`  carried by: ${counts.join(", ")}`];
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
