/**
 * A canvas that fills its place, is sharp on any screen, and is drawn at most once a frame, when something has changed.
 */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Size } from "./graph_view.ts";
import type { Palette } from "./palette.ts";
import { onPaletteChange, readPalette } from "./palette.ts";

export interface Canvas {
  readonly ref: RefObject<HTMLCanvasElement | null>;
  /** Draws again in the next frame. */
  readonly redraw: () => void;
  readonly size: () => Size;
}

export interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly size: Size;
  readonly palette: Palette;
  /** Pixels of the screen for one of the style sheet. */
  readonly ratio: number;
}

export function useCanvas(draw: (frame: Frame) => void): Canvas {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const made = useRef<{ redraw: () => void; size: Size }>({
    redraw: () => undefined,
    size: { width: 1, height: 1 },
  });
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (canvas === null || context === null || context === undefined) return;
    let palette = readPalette(canvas);
    let asked = 0;
    const paint = (): void => {
      asked = 0;
      latest.current({ context, palette, size: made.current.size, ratio: devicePixelRatio });
    };
    const redraw = (): void => {
      if (asked === 0) asked = requestAnimationFrame(paint);
    };
    made.current.redraw = redraw;
    const resized = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = canvas;
      made.current.size = { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) };
      canvas.width = Math.round(made.current.size.width * devicePixelRatio);
      canvas.height = Math.round(made.current.size.height * devicePixelRatio);
      if (asked !== 0) cancelAnimationFrame(asked);
      paint(); // At once: a canvas that has another size is empty.
    });
    resized.observe(canvas);
    const forget = onPaletteChange(() => {
      palette = readPalette(canvas);
      redraw();
    });
    return () => {
      resized.disconnect();
      forget();
      cancelAnimationFrame(asked);
    };
  }, []);
  useEffect(() => made.current.redraw());
  return { ref, redraw: () => made.current.redraw(), size: () => made.current.size };
}
