/**
 * A plan in the language of Graphviz.
 */
import type { Carrier, Plan } from "../../core/plan.ts";
import type { Arrow, Box, BoxKind, Framed, MessageArrow, Picture, PictureOptions } from "./picture.ts";
import { drawPlan, nestBoxes } from "./picture.ts";

/** From this many edges on, Graphviz is asked for straight lines and less effort: splines would take minutes. */
const FINE_EDGES_MAX = 400;

/** The text of a directed graph; `dot -Tsvg` draws it. */
export function formatDot(plan: Plan, options: PictureOptions = {}): string {
  const picture = drawPlan(plan, options);
  const { title, arrows, messages } = picture;
  const isLarge = arrows.length + messages.length > FINE_EDGES_MAX;
  const lines = [
    `digraph ${quoteDot(title)} {`,
    `  graph [rankdir=LR, bgcolor="white", pad=0.3, nodesep=0.35, ranksep=0.7, fontname=${SANS}, fontsize=16, labelloc=t,`,
    `    tooltip=${quoteDot(title)}, label=${formatTitle(picture)}${
      isLarge ? ", splines=line, nslimit=1, mclimit=0.2" : ""
    }]`,
    `  node [shape=box, style="rounded,filled", fontname=${SANS}, fontsize=12, margin="0.3,0.11", penwidth=1.3]`,
    `  edge [fontname=${SANS}, fontsize=10, fontcolor="#475569", arrowsize=0.8]`,
    ...listBoxes(nestBoxes(picture), "  "),
    ...arrows.map((arrow) => `  ${formatArrow(arrow)}`),
    ...messages.map((arrow) => `  ${formatMessages(arrow)}`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

// Names whose widths Graphviz knows; in SVG it adds the general family. Margins leave room for wider fonts in their place.
const SANS = `"Helvetica"`;
const MONO = `"Courier"`;

const BOX_STYLES: Readonly<Record<BoxKind, string>> = {
  process: `fillcolor="#eff6ff", color="#3b82f6", fontcolor="#172554"`,
  value: `shape=note, style="filled", fillcolor="#f0fdf4", color="#22a355", fontcolor="#14532d"`,
  file: `shape=folder, style="filled", fillcolor="#f0fdf4", color="#22a355", fontcolor="#14532d"`,
  stdin:
    `shape=cds, style="filled", margin="0.22,0.12", fillcolor="#f0fdf4", color="#22a355", fontcolor="#14532d"`,
  remote: `shape=cds, style="filled", fillcolor="#faf5ff", color="#9333ea", fontcolor="#3b0764"`,
  split: `shape=hexagon, style="filled", fillcolor="#fff7ed", color="#ea580c", fontcolor="#7c2d12"`,
  output: `shape=box, style="rounded,filled,bold", fillcolor="#faf5ff", color="#9333ea", fontcolor="#3b0764"`,
};

const CARRIERS: Readonly<Record<Carrier, { readonly style: string; readonly legend: string }>> = {
  pipe: { style: `style=bold, penwidth=2.2, color="#1d4ed8"`, legend: "thick: kernel pipe" },
  descriptor: { style: `style=solid, penwidth=1.2, color="#475569"`, legend: "thin: descriptor handed over" },
  relay: { style: `style=dashed, penwidth=1.3, color="#475569"`, legend: "dashed: through the engine" },
};

function formatTitle({ title, arrows, messages }: Picture): string {
  const used = new Set(arrows.map((arrow) => arrow.carrier));
  const legend = Object.entries(CARRIERS).flatMap(([carrier, { legend }]) =>
    [...used].some((one) => one === carrier) ? [legend] : []
  );
  if (arrows.some((arrow) => arrow.isOnCycle)) legend.push("orange: on a cycle of the graph");
  if (messages.length > 0) legend.push("dotted, green: messages");
  const small = legend.length === 0 ? "" : `<BR/>${font(10, "#64748b", escapeHtml(legend.join(" · ")))}`;
  return `<<B>${escapeHtml(title)}</B>${small}<BR/> >`;
}

function listBoxes(framed: readonly Framed[], indent: string): string[] {
  return framed.flatMap((each) => {
    if ("box" in each) return [`${indent}${formatBox(each.box)}`];
    const { frame: { id, name, explain }, inside } = each;
    const small = explain === undefined ? "" : `<BR/>${font(10, "#475569", escapeHtml(explain))}`;
    const look = `style="rounded", color="#94a3b8", fontcolor="#334155", fontname=${SANS}, fontsize=12`;
    return [
      `${indent}subgraph cluster_${id} {`,
      `${indent}  graph [label=<<B>${escapeHtml(name)}</B>${small}>, tooltip=${quoteDot(name)}, ${look}]`,
      ...listBoxes(inside, `${indent}  `),
      `${indent}}`,
    ];
  });
}

function formatBox(box: Box): string {
  const explain = box.explain === undefined ? "" : `<BR/>${font(10, "#475569", escapeHtml(box.explain))}`;
  const detail = box.shortDetail === undefined
    ? ""
    : `<BR/><FONT FACE=${MONO} POINT-SIZE="9" COLOR="#64748b">${escapeHtml(box.shortDetail)}</FONT>`;
  const label = `<<B>${escapeHtml(box.name)}</B>${explain}${detail}>`;
  const tooltip = quoteDot(box.detail === undefined ? box.name : `${box.name}: ${box.detail}`);
  return `${box.id} [label=${label}, tooltip=${tooltip}, ${BOX_STYLES[box.kind]}]`;
}

function formatArrow(arrow: Arrow): string {
  const label = arrow.label === "" ? "" : `label=${quoteDot(arrow.label)}, `;
  // The later color wins: an edge on a cycle keeps the stroke of its carrier.
  const marked = arrow.isOnCycle ? `, color="#d97706"` : "";
  const hint = quoteDot(arrow.hint);
  return `${arrow.from} -> ${arrow.to} [${label}tooltip=${hint}, labeltooltip=${hint}, ${
    CARRIERS[arrow.carrier].style
  }${marked}]`;
}

/** Messages go both ways: they do not decide who stands before whom. */
function formatMessages({ from, to, label, hint }: MessageArrow): string {
  const told = quoteDot(hint);
  return `${from} -> ${to} [label=${
    quoteDot(label)
  }, tooltip=${told}, labeltooltip=${told}, style=dotted, penwidth=1.6, arrowhead=vee, color="#15803d", fontcolor="#15803d"]`;
}

function font(size: number, color: string, content: string): string {
  return `<FONT POINT-SIZE="${size}" COLOR="${color}">${content}</FONT>`;
}

/** A quoted string that Graphviz shows as it is: no escapes, no entities, no line breaks. */
export function quoteDot(text: string): string {
  return `"${stripControls(text).replaceAll("\\", "\\\\").replaceAll("&", "&amp;").replaceAll('"', '\\"')}"`;
}

/** Text inside an HTML-like label. */
export function escapeHtml(text: string): string {
  return stripControls(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function stripControls(text: string): string {
  // XML has no control characters and no lone surrogates, also not escaped ones.
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\ufffe\uffff\p{Surrogate}]+/gu, " ");
}
