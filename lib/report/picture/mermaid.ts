/**
 * A plan as a Mermaid flowchart, for pages that draw one from text.
 */
import type { Carrier, Plan } from "../../core/plan.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { Arrow, Box, BoxKind, Framed, PictureOptions } from "./picture.ts";
import { drawPlan, nestBoxes } from "./picture.ts";

/** Mermaid refuses more edges than this unless the page that shows it is told otherwise. */
const MERMAID_EDGES_MAX = 500;

/**
 * The text of a flowchart. A thick arrow is a kernel pipe, a thin one a descriptor that is handed over, a dotted
 * one goes through the engine; edges on a cycle of the undirected graph are orange.
 */
export function formatMermaid(plan: Plan, options: PictureOptions = {}): string {
  const picture = drawPlan(plan, options);
  const { title, arrows, messages } = picture;
  const lines = [
    "---",
    // A JSON string is a YAML string.
    `title: ${JSON.stringify(title)}`,
    "---",
    "flowchart LR",
    "  %% thick: kernel pipe, thin: descriptor handed over, dotted: through the engine, orange: on a cycle",
    ...messages.length === 0 ? [] : ["  %% green: messages"],
  ];
  const edges = arrows.length + messages.length;
  if (edges > MERMAID_EDGES_MAX) {
    lines.push(`  %% needs "maxEdges": ${edges} in the configuration of Mermaid`);
  }
  lines.push(...listShapes(nestBoxes(picture), "  "));
  for (const arrow of arrows) lines.push(`  ${formatArrow(arrow)}`);
  for (const { from, to, label } of messages) lines.push(`  ${from} -.->|"${escapeMermaid(label)}"| ${to}`);
  const marked = arrows.flatMap((arrow, index) => arrow.isOnCycle ? [index] : []);
  if (marked.length > 0) lines.push(`  linkStyle ${marked.join(",")} stroke:#d97706,color:#92400e`);
  if (messages.length > 0) {
    const numbers = messages.map((_, index) => arrows.length + index);
    lines.push(`  linkStyle ${numbers.join(",")} stroke:#15803d,color:#15803d`);
  }
  for (const [kind, style] of Object.entries(STYLES)) lines.push(`  classDef ${kind} ${style}`);
  return `${lines.join("\n")}\n`;
}

const STYLES: Readonly<Record<BoxKind, string>> = {
  process: "fill:#eff6ff,stroke:#3b82f6,color:#172554",
  value: "fill:#f0fdf4,stroke:#22a355,color:#14532d",
  file: "fill:#f0fdf4,stroke:#22a355,color:#14532d",
  stdin: "fill:#f0fdf4,stroke:#22a355,color:#14532d",
  remote: "fill:#faf5ff,stroke:#9333ea,color:#3b0764",
  split: "fill:#fff7ed,stroke:#ea580c,color:#7c2d12",
  output: "fill:#faf5ff,stroke:#9333ea,color:#3b0764",
};

function listShapes(framed: readonly Framed[], indent: string): string[] {
  return framed.flatMap((each) => {
    if ("box" in each) return [`${indent}${each.box.id}${formatShape(each.box)}:::${each.box.kind}`];
    const { frame: { id, name, explain }, inside } = each;
    const label = [name, ...explain === undefined ? [] : [explain]].map(escapeMermaid).join("<br/>");
    return [`${indent}subgraph ${id}["${label}"]`, ...listShapes(inside, `${indent}  `), `${indent}end`];
  });
}

function formatShape(box: Box): string {
  const name = `<b>${escapeMermaid(box.name)}</b>`;
  const explain = box.explain === undefined ? "" : `<br/>${escapeMermaid(box.explain)}`;
  const detail = box.shortDetail === undefined ? "" : `<br/><small>${escapeMermaid(box.shortDetail)}</small>`;
  const label = `"${name}${explain}${detail}"`;
  switch (box.kind) {
    case "process":
      return `(${label})`;
    case "value":
      return `[/${label}/]`;
    case "file":
      return `[(${label})]`;
    case "remote":
      return `>${label}]`;
    case "split":
      return `{{${label}}}`;
    case "stdin":
    case "output":
      return `([${label}])`;
    default:
      return unreachable(box.kind);
  }
}

const STROKES: Readonly<Record<Carrier, string>> = { pipe: "==>", descriptor: "-->", relay: "-.->" };

function formatArrow(arrow: Arrow): string {
  const label = arrow.label === "" ? "" : `|"${escapeMermaid(arrow.label)}"|`;
  return `${arrow.from} ${STROKES[arrow.carrier]}${label} ${arrow.to}`;
}

/**
 * Text for a quoted label. Mermaid knows `#35;` for a character; whatever means something to it, to Markdown or
 * to HTML is written so, also at the beginning of a line, where Markdown would see a list.
 */
export function escapeMermaid(text: string): string {
  return text
    .replace(/["#&<>`*~|\\${}[\]%;@!^'_]|:(?=\/\/)|^[-+=\d]/g, (found) => `#${found.charCodeAt(0)};`)
    .replace(/[\r\n]+/g, "<br/>");
}
