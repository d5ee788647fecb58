/**
 * Draws the graph: frames, edges, actors, and the ring of waiting. What is not seen is not drawn; what is too small to be
 * read is a coloured box.
 */
import { makeOneLine } from "../../text/make_harmless.ts";
import type { PageLayout, PageLine, PageNode } from "../page_layout.ts";
import { edgeLabel, edgeLook, nodeLook, nodeTone } from "./graph_looks.ts";
import type { Looks, NodeLook } from "./graph_looks.ts";
import { fitText } from "./fit_text.ts";
import type { Point, Size, Viewport } from "./graph_view.ts";
import { centerOf, isSeen } from "./graph_view.ts";
import type { LineLayer, StyledLine } from "./line_layer.ts";
import { drawHead } from "./line_layer.ts";
import type { Palette } from "./palette.ts";

export interface Picture {
  readonly layout: PageLayout;
  readonly view: Viewport;
  readonly size: Size;
  readonly palette: Palette;
  readonly looks: Looks;
  readonly lines: LineLayer;
  readonly selected?: string | undefined;
  readonly selectedEdge?: number | undefined;
  readonly focused?: string | undefined;
  /** Nodes that are meant by a search or a message that is followed; the others are faint. */
  readonly marked?: ReadonlySet<string> | undefined;
}

const READABLE = { shape: 0.25, text: 0.42, detail: 0.6, label: 0.55 } as const;
const NO_DASH: number[] = [];

export function drawGraph(context: CanvasRenderingContext2D, picture: Picture, ratio: number): void {
  const { view, size, palette, layout } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  const scale = ratio * view.scale;
  context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
  for (const frame of layout.frames) {
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.setLineDash([4, 4]);
    context.beginPath();
    context.roundRect(frame.x, frame.y, frame.width, frame.height, 8);
    context.stroke();
    context.setLineDash([]);
    write(context, picture, {
      text: frame.name,
      x: frame.x + 8,
      y: frame.y + 14,
      width: frame.width - 16,
      size: 11,
      color: palette.soft,
    });
  }
  picture.lines.draw(context, { view, size, ratio }, styleLines(picture));
  drawRing(context, picture);
  for (const node of layout.nodes) drawNode(context, picture, node);
  if (view.scale >= READABLE.label) { for (const line of layout.lines) drawLabel(context, picture, line); }
}

/** The lines that are seen, and how each is drawn. */
function styleLines(picture: Picture): readonly StyledLine[] {
  const { layout, lines: { curves }, palette, marked, view, size } = picture;
  return layout.lines.flatMap((line) => {
    const curve = curves.get(line);
    if (curve === undefined || !isSeen(curve, view, size)) return [];
    const look = edgeLook(picture.looks, line);
    const isSelected = line.edges.some((id) => id === picture.selectedEdge);
    return [{
      line,
      curve,
      color: isSelected ? palette.accent : look.color(palette),
      // Thin lines stay visible from afar.
      width: Math.max(look.width + (isSelected ? 1.5 : 0), 0.7 / view.scale),
      // From afar no dash can be told, and dashes take long to draw.
      dash: view.scale < READABLE.shape ? NO_DASH : look.dash,
      alpha: marked === undefined || marked.has(line.from) && marked.has(line.to) ? 1 : 0.2,
      head: view.scale > 0.2 ? 5 + look.width : 0,
    }];
  });
}

/** What passes an edge, and how full it is: a bar as on a queue. */
function drawLabel(context: CanvasRenderingContext2D, picture: Picture, line: PageLine): void {
  const curve = picture.lines.curves.get(line);
  if (curve === undefined || !isSeen(curve, picture.view, picture.size)) return;
  const { palette, marked } = picture;
  const { text, fill, isFull } = edgeLabel(picture.looks, line);
  if (text === "" && fill === undefined || marked !== undefined && !marked.has(line.from)) return;
  const { x, y } = curve.middle;
  context.font = `10px ${palette.font}`;
  const width = Math.max(text === "" ? 0 : context.measureText(text).width + 8, fill === undefined ? 0 : 36);
  context.fillStyle = palette.ground;
  context.globalAlpha = 0.88;
  context.beginPath();
  context.roundRect(x - width / 2, y - 15, width, fill === undefined ? 14 : 20, 3);
  context.fill();
  context.globalAlpha = 1;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = isFull ? palette.tones.failed : palette.soft;
  context.fillText(text, x, y - 7.5);
  context.textAlign = "left";
  if (fill === undefined) return;
  const bar = { x: x - 16, y: y - 1, width: 32, height: 4 };
  context.fillStyle = palette.line;
  context.fillRect(bar.x, bar.y, bar.width, bar.height);
  context.fillStyle = isFull ? palette.tones.failed : palette.tones.works;
  context.fillRect(bar.x, bar.y, bar.width * fill, bar.height);
}

function drawNode(context: CanvasRenderingContext2D, picture: Picture, node: PageNode): void {
  const box = { x0: node.x, y0: node.y, x1: node.x + node.width, y1: node.y + node.height };
  if (!isSeen(box, picture.view, picture.size)) return;
  const { palette, marked, view } = picture;
  const isSelected = node.name === picture.selected;
  context.globalAlpha = marked === undefined || marked.has(node.name) ? 1 : 0.25;
  if (view.scale < READABLE.shape && !isSelected && node.name !== picture.focused) {
    context.fillStyle = palette.tones[nodeTone(picture.looks, node)];
    context.fillRect(node.x, node.y, node.width, node.height);
    context.globalAlpha = 1;
    return;
  }
  const look = nodeLook(picture.looks, node);
  const { tone, isStacked } = look;
  if (isStacked) {
    for (const shift of [6, 3]) {
      outline(context, { ...node, x: node.x + shift, y: node.y + shift }, palette.face, palette.line);
    }
  }
  outline(context, node, palette.face, isSelected ? palette.accent : palette.tones[tone]);
  context.lineWidth = isSelected ? 3 : tone === "idle" ? 1 : 1.6;
  context.stroke();
  if (view.scale < READABLE.text) {
    context.fillStyle = palette.tones[tone];
    context.globalAlpha *= 0.55;
    context.fill();
  } else {
    drawTexts(context, picture, { node, look });
  }
  context.globalAlpha = 1;
  if (node.name === picture.focused) {
    context.strokeStyle = palette.accent;
    context.lineWidth = 2 / Math.min(1, view.scale);
    context.beginPath();
    context.roundRect(node.x - 5, node.y - 5, node.width + 10, node.height + 10, 9);
    context.stroke();
  }
}

/** Its sign and name, and below how it stands. */
function drawTexts(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { node, look: { tone, sign, title, detail } }: { readonly node: PageNode; readonly look: NodeLook },
): void {
  const { palette, view } = picture;
  context.fillStyle = palette.tones[tone];
  context.beginPath();
  if (node.kind !== "output") context.roundRect(node.x, node.y, 5, node.height, [5, 0, 0, 5]);
  context.fill();
  const room = node.width - 30;
  const middle = node.y + node.height / 2;
  const hasDetail = detail !== "" && view.scale >= READABLE.detail && node.height >= 30;
  const y = hasDetail ? middle - 8 : middle;
  write(context, picture, {
    text: sign,
    x: node.x + 11,
    y,
    width: 16,
    size: 11,
    color: palette.tones[tone],
  });
  write(context, picture, {
    text: title,
    x: node.x + 25,
    y,
    width: room,
    size: 12,
    color: palette.text,
    isBold: true,
  });
  if (hasDetail) {
    write(context, picture, {
      text: detail,
      x: node.x + 11,
      y: middle + 8,
      width: node.width - 18,
      size: 10,
      color: palette.soft,
    });
  }
}

function outline(context: CanvasRenderingContext2D, box: PageNode, face: string, line: string): void {
  context.fillStyle = face;
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, box.kind === "output" ? box.height / 2 : 6);
  context.fill();
  context.stroke();
}

interface Writing extends Point {
  readonly text: string;
  readonly width: number;
  readonly size: number;
  readonly color: string;
  readonly isBold?: boolean;
}

function write(context: CanvasRenderingContext2D, { palette }: Picture, writing: Writing): void {
  context.font = `${writing.isBold === true ? "600 " : ""}${writing.size}px ${palette.font}`;
  context.fillStyle = writing.color;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(fitText(context, makeOneLine(writing.text), writing.width), writing.x, writing.y);
}

/** Who waits for whom, in a circle. */
function drawRing(context: CanvasRenderingContext2D, { looks, layout, palette, view }: Picture): void {
  const nodes = new Map(layout.nodes.map((node) => [node.name, node]));
  const ring = looks.ring.flatMap((name) => nodes.get(looks.nodeOf(name)) ?? []);
  if (ring.length < 2) return;
  context.strokeStyle = palette.tones.failed;
  context.fillStyle = palette.tones.failed;
  context.lineWidth = 3 / Math.min(1, view.scale * 1.2);
  context.setLineDash([7, 5]);
  for (const [at, node] of ring.entries()) {
    const next = ring[(at + 1) % ring.length];
    if (next === undefined || next === node) continue;
    const from = centerOf(node);
    const to = centerOf(next);
    // Bent to one side, so that both ways between two actors can be seen.
    const side = { x: (to.y - from.y) * 0.18, y: (from.x - to.x) * 0.18 };
    const bend = { x: (from.x + to.x) / 2 + side.x, y: (from.y + to.y) / 2 + side.y };
    const end = borderOf(next, bend);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(bend.x, bend.y, end.x, end.y);
    context.stroke();
    drawHead(context, bend, end, 12);
  }
  context.setLineDash([]);
}

/** Where a line from a point to the middle of a node meets its border. */
function borderOf(node: PageNode, from: Point): Point {
  const to = centerOf(node);
  const dx = from.x - to.x;
  const dy = from.y - to.y;
  const share = 1 / Math.max(Math.abs(dx) / (node.width / 2 + 4), Math.abs(dy) / (node.height / 2 + 4), 1e-6);
  return share >= 1 ? from : { x: to.x + dx * share, y: to.y + dy * share };
}
