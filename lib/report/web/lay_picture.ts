/**
 * Where boxes and arrows are drawn. Graphviz does it, as for `graph`; what is too large for it is put into columns by
 * how far it is from the beginning.
 */
import { quoteDot } from "../picture/dot.ts";
import type { FoldedNode, FoldedPage } from "./fold_page.ts";
import { foldPage } from "./fold_page.ts";
import { layInColumns } from "./lay_in_columns.ts";
import type { PageBox, PageLayout, PageLine, PageNode } from "./page_layout.ts";
import type { PageRun } from "./page_run.ts";

/** Beyond, Graphviz takes longer than anybody waits. */
const FINE_NODES_MAX = 250;
const FINE_LINES_MAX = 500;

/** Width of a letter, and what a box has around its text. */
const LETTER = 7.2;
const BOX_HEIGHT = 44;
const BOX_WIDTH_MIN = 136;
const BOX_PADDING = 36;

/** The groups and frames named in `open` are opened. */
export async function layPicture(
  page: PageRun,
  open: readonly string[] = [],
): Promise<PageLayout> {
  const folded = foldPage(page, new Set(open));
  const isFine = folded.nodes.length <= FINE_NODES_MAX && folded.lines.length <= FINE_LINES_MAX;
  const layout = isFine ? await layByGraphviz(folded) : layInColumns(folded, sizeOf);
  return { ...layout, open };
}

function sizeOf({ label }: FoldedNode): { readonly width: number; readonly height: number } {
  return { width: Math.max(BOX_WIDTH_MIN, label.length * LETTER + BOX_PADDING), height: BOX_HEIGHT };
}

/** What Graphviz tells of what it has laid out; sizes are inches or points, y goes up. */
interface DotGraph {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly bb?: string;
    readonly pos?: string;
    readonly width?: string;
    readonly height?: string;
  }[];
  readonly edges?: readonly { readonly pos?: string; readonly id?: string }[];
}

const POINTS = 72;

async function layByGraphviz(folded: FoldedPage): Promise<Omit<PageLayout, "open">> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  const frames = [...new Set(folded.nodes.flatMap(({ frames }) => frames))];
  // Graphviz answers in its own format, which `dot -Tjson` has documented.
  const graph = JSON.parse(graphviz.dot(toDot(folded, frames), "json")) as DotGraph;
  const [, , width = 0, height = 0] = graph.bb.split(",").map(Number);
  const boxes: PageBox[] = [];
  const nodes: PageNode[] = [];
  for (const { name, bb, pos, width: inchesWide, height: inchesHigh } of graph.objects ?? []) {
    const frame = /^cluster_(\d+)$/.exec(name)?.[1];
    if (frame !== undefined && bb !== undefined) {
      const [left = 0, bottom = 0, right = 0, top = 0] = bb.split(",").map(Number);
      boxes.push({
        name: frames[Number(frame)] ?? "",
        x: left,
        y: height - top,
        width: right - left,
        height: top - bottom,
      });
    }
    const node = folded.nodes[Number(/^n(\d+)$/.exec(name)?.[1])];
    if (node === undefined || pos === undefined) continue;
    const [x = 0, y = 0] = pos.split(",").map(Number);
    const size = { width: Number(inchesWide) * POINTS, height: Number(inchesHigh) * POINTS };
    nodes.push({
      name: node.name,
      kind: node.kind,
      x: x - size.width / 2,
      y: height - y - size.height / 2,
      ...size,
    });
  }
  const lines = (graph.edges ?? []).flatMap(({ pos, id }): readonly PageLine[] => {
    const line = folded.lines[Number(id)];
    return line === undefined || pos === undefined ? [] : [{ ...withNames(line), path: toPath(pos, height) }];
  });
  return { width, height, nodes, frames: boxes, lines };
}

function withNames<Line extends { readonly from: string; readonly to: string }>(line: Line): Line {
  const nameOf = (key: string): string => key.slice(key.indexOf(" ") + 1);
  return { ...line, from: nameOf(line.from), to: nameOf(line.to) };
}

function toDot({ nodes, lines }: FoldedPage, frames: readonly string[]): string {
  const ids = new Map(
    nodes.map((node, at) => [`${node.kind === "output" ? "output" : "actor"} ${node.name}`, at]),
  );
  return [
    "digraph {",
    "graph [rankdir=LR, nodesep=0.3, ranksep=1]",
    'node [shape=box, fixedsize=true, label=""]',
    ...nodes.map((node, at) => {
      const { width, height } = sizeOf(node);
      return `n${at} [width=${(width / POINTS).toFixed(3)}, height=${(height / POINTS).toFixed(3)}]`;
    }),
    ...nestFrames(nodes, frames),
    ...lines.map(({ from, to, isMessages, label }, at) =>
      `n${ids.get(from)} -> n${ids.get(to)} [id=${at}${
        label === "" || isMessages ? "" : `, label=${quoteDot(label)}`
      }${isMessages ? ", constraint=false" : ""}]`
    ),
    "}",
  ].join("\n");
}

/** Frames are drawn around what is in them, those inside of others as well. */
function nestFrames(nodes: readonly FoldedNode[], frames: readonly string[]): readonly string[] {
  const inside = (parent: string | undefined): readonly string[] =>
    frames.flatMap((frame, at) => {
      const own = nodes.find(({ frames }) => frames.includes(frame))?.frames ?? [];
      if (own[own.indexOf(frame) - 1] !== parent) return [];
      const members = nodes.flatMap((node, id) => node.frames.at(-1) === frame ? [`n${id}`] : []);
      return [
        `subgraph cluster_${at} { graph [margin=18, label=${quoteDot(frame)}]`,
        ...members,
        ...inside(frame),
        "}",
      ];
    });
  return inside(undefined);
}

/** `e,x,y x,y …` of Graphviz: the end, then a curve from the start to its arrowhead. */
function toPath(pos: string, height: number): string {
  const words = pos.split(" ");
  const end = words.find((word) => word.startsWith("e,"))?.slice(2);
  const points = words.filter((word) => !/^[es],/.test(word)).map((word) => flip(word, height));
  const [start = "0 0", ...curve] = points;
  const last = end === undefined ? "" : ` L${flip(end, height)}`;
  return `M${start} C${curve.join(" ")}${last}`;
}

function flip(point: string, height: number): string {
  const [x = 0, y = 0] = point.split(",").map(Number);
  return `${round(x)} ${round(height - y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
