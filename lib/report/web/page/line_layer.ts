/**
 * The lines of the graph as a picture that is kept: to draw thousands of curves takes longer than all else, and seldom
 * does one of them look different. It is drawn anew when one does, or when another part of the graph is seen.
 */
import type { PageLine } from "../page_layout.ts";
import type { Curve, Point, Size, Viewport } from "./graph_view.ts";
import { readCurve } from "./graph_view.ts";

export interface StyledLine {
  readonly line: PageLine;
  readonly curve: Curve;
  readonly color: string;
  readonly width: number;
  readonly dash: number[];
  readonly alpha: number;
  /** How long its arrow head is; 0 for none. */
  readonly head: number;
}

export interface Place {
  readonly view: Viewport;
  readonly size: Size;
  readonly ratio: number;
}

export class LineLayer {
  readonly curves: ReadonlyMap<PageLine, Curve>;
  readonly #canvas: HTMLCanvasElement;
  #place: Place | undefined;
  #lines: readonly StyledLine[];

  constructor(lines: readonly PageLine[]) {
    this.curves = readCurves(lines);
    this.#canvas = document.createElement("canvas");
    this.#lines = [];
  }

  /** Onto a canvas whose pixels are those of the screen. */
  draw(context: CanvasRenderingContext2D, place: Place, lines: readonly StyledLine[]): void {
    if (!isSamePlace(this.#place, place) || !areSame(this.#lines, lines)) this.#paint(place, lines);
    context.save();
    context.resetTransform();
    context.drawImage(this.#canvas, 0, 0);
    context.restore();
  }

  #paint(place: Place, lines: readonly StyledLine[]): void {
    const { view, size, ratio } = place;
    this.#place = place;
    this.#lines = lines;
    // A canvas that gets a size is empty.
    this.#canvas.width = Math.round(size.width * ratio);
    this.#canvas.height = Math.round(size.height * ratio);
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    const scale = ratio * view.scale;
    context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
    for (const { curve, color, width, dash, alpha, head } of lines) {
      context.globalAlpha = alpha;
      context.strokeStyle = color;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.stroke(curve.path);
      if (head === 0) continue;
      context.fillStyle = color;
      drawHead(context, curve.beforeEnd, curve.end, head);
    }
  }
}

function readCurves(lines: readonly PageLine[]): ReadonlyMap<PageLine, Curve> {
  return new Map(lines.flatMap((line) => {
    const curve = readCurve(line.path);
    return curve === undefined ? [] : [[line, curve] as const];
  }));
}

function isSamePlace(a: Place | undefined, b: Place): boolean {
  return a !== undefined && a.ratio === b.ratio && a.size.width === b.size.width &&
    a.size.height === b.size.height && a.view.x === b.view.x && a.view.y === b.view.y &&
    a.view.scale === b.view.scale;
}

function areSame(before: readonly StyledLine[], after: readonly StyledLine[]): boolean {
  return before.length === after.length && after.every((b, at) => {
    const a = before[at];
    return a !== undefined && a.line === b.line && a.color === b.color && a.width === b.width &&
      a.dash === b.dash && a.alpha === b.alpha && a.head === b.head;
  });
}

export function drawHead(context: CanvasRenderingContext2D, from: Point, to: Point, length: number): void {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  context.beginPath();
  context.moveTo(to.x + Math.cos(angle) * 2, to.y + Math.sin(angle) * 2);
  for (const side of [-1, 1]) {
    context.lineTo(
      to.x - length * Math.cos(angle + side * 0.42),
      to.y - length * Math.sin(angle + side * 0.42),
    );
  }
  context.fill();
}
