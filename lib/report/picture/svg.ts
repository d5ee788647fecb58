/**
 * A plan as an SVG picture, drawn by Graphviz without leaving the process.
 */
import type { Plan } from "../../core/plan.ts";
import { formatDot } from "./dot.ts";
import type { PictureOptions } from "./picture.ts";

/** The text of an SVG file. Graphviz (WebAssembly) is loaded only when a picture is asked for. */
export async function renderSvg(plan: Plan, options: PictureOptions = {}): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  return graphviz.dot(formatDot(plan, options), "svg");
}
