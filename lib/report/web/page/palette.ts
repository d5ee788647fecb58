/**
 * The colours of the style sheet, for what is drawn on a canvas.
 */
import type { Tone } from "./facts.ts";

export interface Palette {
  readonly text: string;
  readonly soft: string;
  readonly line: string;
  readonly face: string;
  readonly ground: string;
  readonly accent: string;
  readonly message: string;
  readonly tones: Readonly<Record<Tone, string>>;
  readonly font: string;
}

/** As they are now: light, dark, or what the system forces. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    soft: of("soft"),
    line: of("line"),
    face: of("face"),
    ground: of("ground"),
    accent: of("accent"),
    message: of("message"),
    tones: {
      idle: of("idle"),
      works: of("works"),
      reads: of("reads"),
      full: of("full"),
      done: of("done"),
      failed: of("failed"),
      stopped: of("stopped"),
      paused: of("paused"),
    },
    font: style.fontFamily,
  };
}

/** Calls when the colours become others. */
export function onPaletteChange(change: () => void): () => void {
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((text) => matchMedia(text));
  for (const query of queries) query.addEventListener("change", change);
  return () => {
    for (const query of queries) query.removeEventListener("change", change);
  };
}
