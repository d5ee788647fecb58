/**
 * What part of a picture is seen: moving, growing, finding what lies under a point, the next one in a direction. Pure.
 */
import type { PageBox, PageLayout, PageNode } from "../page_layout.ts";

/** `scale` pixels for a point; the point (`x`, `y`) of the picture lies at the top left. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const SCALE = { min: 0.02, max: 3, first: 1.6 } as const;
const MARGIN = 24;

/** All of the picture, in the middle; not larger than it was meant. */
export function fitAll(layout: Size, size: Size): Viewport {
  const scale = Math.max(
    SCALE.min,
    Math.min(
      SCALE.first,
      (size.width - 2 * MARGIN) / Math.max(1, layout.width),
      (size.height - 2 * MARGIN) / Math.max(1, layout.height),
    ),
  );
  return {
    scale,
    x: (layout.width - size.width / scale) / 2,
    y: (layout.height - size.height / scale) / 2,
  };
}

/** Grown by a factor; what lies at the pixel stays there. */
export function zoom(
  view: Viewport,
  factor: number,
  at: { readonly x: number; readonly y: number },
): Viewport {
  const scale = Math.min(SCALE.max, Math.max(SCALE.min, view.scale * factor));
  return {
    scale,
    x: view.x + at.x / view.scale - at.x / scale,
    y: view.y + at.y / view.scale - at.y / scale,
  };
}

export function move(view: Viewport, byX: number, byY: number): Viewport {
  return { ...view, x: view.x - byX / view.scale, y: view.y - byY / view.scale };
}

/** The same view when all of the box is seen, else moved so that it lies in the middle, and large enough to be read. */
export function reveal(view: Viewport, box: PageBox, size: Size): Viewport {
  const scale = Math.max(view.scale, 0.55);
  const isSeen = scale === view.scale && box.x >= view.x && box.y >= view.y &&
    box.x + box.width <= view.x + size.width / scale && box.y + box.height <= view.y + size.height / scale;
  return isSeen ? view : {
    scale,
    x: box.x + box.width / 2 - size.width / scale / 2,
    y: box.y + box.height / 2 - size.height / scale / 2,
  };
}

export function isSeen(box: Box, view: Viewport, size: Size): boolean {
  return box.x1 >= view.x && box.y1 >= view.y && box.x0 <= view.x + size.width / view.scale &&
    box.y0 <= view.y + size.height / view.scale;
}

/** Corners. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Curve extends Box {
  readonly path: Path2D;
  /** A point about half-way, and both ends with the point before the end. */
  readonly middle: Point;
  readonly end: Point;
  readonly beforeEnd: Point;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What the text of an SVG path draws; its control points say where it can be. */
export function readCurve(text: string): Curve | undefined {
  const numbers = text.match(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g)?.map(Number) ?? [];
  const points: Point[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    points.push({ x: numbers[at] ?? 0, y: numbers[at + 1] ?? 0 });
  }
  const [first] = points;
  const end = points.at(-1);
  if (first === undefined || end === undefined) return undefined;
  return {
    path: new Path2D(text),
    x0: points.reduce((least, { x }) => Math.min(least, x), Infinity),
    y0: points.reduce((least, { y }) => Math.min(least, y), Infinity),
    x1: points.reduce((most, { x }) => Math.max(most, x), -Infinity),
    y1: points.reduce((most, { y }) => Math.max(most, y), -Infinity),
    middle: middleOf(points, first, end),
    end,
    beforeEnd: points.findLast(({ x, y }) => Math.hypot(x - end.x, y - end.y) > 0.5) ?? first,
  };
}

/** Half-way on the curve in the middle: points after the first come in threes. */
function middleOf(points: readonly Point[], first: Point, end: Point): Point {
  const curves = Math.floor((points.length - 1) / 3);
  if (curves === 0) return { x: (first.x + end.x) / 2, y: (first.y + end.y) / 2 };
  const at = Math.floor((curves - 1) / 2) * 3;
  const [a = first, b = first, c = end, d = end] = points.slice(at, at + 4);
  // With an even number of curves the middle is where two of them meet.
  if (curves % 2 === 0) return d;
  return { x: (a.x + 3 * b.x + 3 * c.x + d.x) / 8, y: (a.y + 3 * b.y + 3 * c.y + d.y) / 8 };
}

export function nodeAt(layout: PageLayout, { x, y }: Point): PageNode | undefined {
  return layout.nodes.findLast((node) =>
    x >= node.x && y >= node.y && x <= node.x + node.width && y <= node.y + node.height
  );
}

export type Direction = "left" | "right" | "up" | "down";

/** The nearest node in a direction: what lies aside counts twice. */
export function nextNode(layout: PageLayout, from: PageNode, direction: Direction): PageNode | undefined {
  let best: { readonly node: PageNode; readonly far: number } | undefined;
  const at = centerOf(from);
  for (const node of layout.nodes) {
    const to = centerOf(node);
    const [ahead, aside] = direction === "left"
      ? [at.x - to.x, to.y - at.y]
      : direction === "right"
      ? [to.x - at.x, to.y - at.y]
      : direction === "up"
      ? [at.y - to.y, to.x - at.x]
      : [to.y - at.y, to.x - at.x];
    if (ahead <= 1) continue;
    const far = ahead + 2 * Math.abs(aside);
    if (best === undefined || far < best.far) best = { node, far };
  }
  return best?.node;
}

export function centerOf({ x, y, width, height }: PageBox): Point {
  return { x: x + width / 2, y: y + height / 2 };
}
