/**
 * The graph of the run: moved by dragging, grown by the wheel, walked through by arrow keys.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PageLine, PageNode } from "../page_layout.ts";
import { drawGraph } from "./draw_graph.ts";
import { lookAt, nodeLook } from "./graph_looks.ts";
import type { Direction, Point, Viewport } from "./graph_view.ts";
import { fitAll, isSeen, move, nextNode, nodeAt, reveal, zoom } from "./graph_view.ts";
import { Legend } from "./legend.tsx";
import { LineLayer } from "./line_layer.ts";
import type { PageState, Store } from "./page_state.ts";
import { useCanvas } from "./use_canvas.ts";

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

export function Graph(
  { store, state, marked }: { store: Store; state: PageState; marked: ReadonlySet<string> | undefined },
) {
  const { run, layout, open, selected } = state;
  const lines = useMemo(() => new LineLayer(layout.lines), [layout]);
  const looks = useMemo(() => lookAt(run, open), [run, open]);
  const view = useRef<Viewport>(undefined);
  /** Nobody has moved it: it goes on showing all. */
  const isFitted = useRef(true);
  const [focused, setFocused] = useState<string>();
  const dragged = useRef<Point & { hasMoved: boolean }>(undefined);

  const canvas = useCanvas(({ context, size, palette, ratio }) => {
    if (view.current === undefined || isFitted.current) view.current = fitAll(layout, size);
    drawGraph(context, {
      layout,
      view: view.current,
      size,
      palette,
      looks,
      lines,
      selected: selected?.kind === "actor" ? looks.nodeOf(selected.name) : undefined,
      selectedEdge: selected?.kind === "edge" ? selected.id : undefined,
      focused,
      marked,
    }, ratio);
  });

  const show = (next: Viewport): void => {
    isFitted.current = false;
    view.current = next;
    canvas.redraw();
  };
  const node = layout.nodes.find(({ name }) => name === focused);
  const choose = ({ name, kind }: PageNode): void => {
    if (kind === "group" || kind === "frame") store.toggle(name);
    else if (kind === "actor") store.select({ kind: "actor", name });
  };
  const walk = (to: PageNode | undefined): void => {
    if (to === undefined) return;
    setFocused(to.name);
    show(reveal(view.current ?? fitAll(layout, canvas.size()), to, canvas.size()));
  };
  // What is chosen elsewhere is brought into sight.
  useEffect(() => {
    if (selected?.kind !== "actor" || view.current === undefined) return;
    const box = layout.nodes.find(({ name }) => name === looks.nodeOf(selected.name));
    if (box !== undefined && !isWholeSeen(box, view.current)) show(reveal(view.current, box, canvas.size()));
  }, [selected, layout]);

  function isWholeSeen(box: PageNode, seen: Viewport): boolean {
    return isSeen(
      { x0: box.x + box.width, y0: box.y + box.height, x1: box.x, y1: box.y },
      seen,
      canvas.size(),
    );
  }

  const pointOf = (event: MouseEvent): Point => ({ x: event.offsetX, y: event.offsetY });
  const toPicture = ({ x, y }: Point): Point => {
    const { x: left, y: top, scale } = view.current ?? fitAll(layout, canvas.size());
    return { x: left + x / scale, y: top + y / scale };
  };
  const scaled = (factor: number, at?: Point): void => {
    const { width, height } = canvas.size();
    show(zoom(view.current ?? fitAll(layout, canvas.size()), factor, at ?? { x: width / 2, y: height / 2 }));
  };
  const fit = (): void => {
    isFitted.current = true;
    canvas.redraw();
  };

  const onKey = (event: KeyboardEvent): void => {
    const direction = ARROWS[event.key];
    if (direction !== undefined) {
      walk(node === undefined ? layout.nodes[0] : nextNode(layout, node, direction));
    } else if (event.key === "Home") walk(layout.nodes[0]);
    else if (event.key === "End") walk(layout.nodes.at(-1));
    else if ((event.key === "Enter" || event.key === " ") && node !== undefined) choose(node);
    else if (event.key === "+" || event.key === "=") scaled(1.25);
    else if (event.key === "-") scaled(0.8);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  };

  const click = (event: MouseEvent): void => {
    const at = toPicture(pointOf(event));
    const hit = nodeAt(layout, at);
    if (hit !== undefined) {
      setFocused(hit.name);
      return choose(hit);
    }
    const line = lineAt(canvas.ref.current, lines, at, view.current?.scale ?? 1);
    const [edge] = line?.edges ?? [];
    store.select(edge === undefined ? undefined : { kind: "edge", id: edge });
  };

  const told = node === undefined ? undefined : nodeLook(looks, node);
  return (
    <div class="graph">
      <canvas
        ref={canvas.ref}
        tabIndex={0}
        role="application"
        aria-roledescription="graph"
        aria-label={`Graph of ${run.actors.length} actors`}
        aria-describedby="graph-keys"
        aria-activedescendant={told === undefined ? undefined : "graph-focused"}
        onKeyDown={onKey}
        onFocus={() => focused === undefined && setFocused(layout.nodes[0]?.name)}
        onBlur={() => setFocused(undefined)}
        onWheel={(event) => {
          event.preventDefault();
          scaled(Math.exp(-event.deltaY / 400), pointOf(event));
        }}
        onPointerDown={(event) => {
          dragged.current = { ...pointOf(event), hasMoved: false };
          canvas.ref.current?.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const from = dragged.current;
          if (from === undefined || view.current === undefined) return;
          const to = pointOf(event);
          if (!from.hasMoved && Math.hypot(to.x - from.x, to.y - from.y) < 4) return;
          dragged.current = { ...to, hasMoved: true };
          show(move(view.current, to.x - from.x, to.y - from.y));
        }}
        onPointerUp={(event) => {
          const wasMoved = dragged.current?.hasMoved === true;
          dragged.current = undefined;
          if (!wasMoved) click(event);
        }}
      />
      <div id="graph-focused" class="aside" aria-live="polite">
        {told === undefined ? "" : `${told.title}: ${told.detail}`}
      </div>
      <p id="graph-keys" class="aside">
        Arrow keys go from actor to actor, Enter opens one, plus and minus change the size, 0 shows all.
      </p>
      <div class="tools" role="group" aria-label="Size of the graph">
        <button type="button" aria-label="Larger" onClick={() => scaled(1.25)}>+</button>
        <button type="button" aria-label="Smaller" onClick={() => scaled(0.8)}>−</button>
        <button type="button" aria-label="Show all" onClick={fit}>⤢</button>
      </div>
      <Legend run={run} />
    </div>
  );
}

/** The line under a point, with some room for a hand. */
function lineAt(
  canvas: HTMLCanvasElement | null,
  { curves }: LineLayer,
  { x, y }: Point,
  scale: number,
): PageLine | undefined {
  const context = canvas?.getContext("2d");
  if (context === null || context === undefined) return undefined;
  const room = 6 / scale;
  context.save();
  context.resetTransform();
  context.lineWidth = 2 * room;
  const found = [...curves].find(([, curve]) =>
    x >= curve.x0 - room && x <= curve.x1 + room && y >= curve.y0 - room && y <= curve.y1 + room &&
    context.isPointInStroke(curve.path, x, y)
  );
  context.restore();
  return found?.[0];
}
