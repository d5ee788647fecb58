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
  return fitTexts(graphviz.dot(formatDot(plan, options), "svg"));
}

const SANS = "Helvetica, Arial, Liberation Sans, Nimbus Sans, DejaVu Sans, sans-serif";
const MONO = "Courier, Courier New, Liberation Mono, DejaVu Sans Mono, monospace";

/** A box, a frame or the whole, and its texts. */
const GROUPS = /<g id="[^"]*" class="(?:graph|cluster|node)"[^>]*>[\s\S]*?(?=<g id="[^"]*" class="|<\/svg>)/g;
const TEXTS = /(<text [^>]*?)text-anchor="start" x="(-?[\d.]+)"/g;
const SHAPES = /<(?:polygon|path|polyline) [^>]*?(?:points|d)="([^"]*)"/g;

/**
 * Graphviz reckons with the widths of Helvetica, and writes where texts begin. Where another font takes its place, texts
 * stay in the middle of their boxes and as wide as Graphviz has made room for.
 */
export function fitTexts(svg: string): string {
  return svg
    .replace(GROUPS, (group) => {
      const middle = middleOf(group);
      return middle === undefined ? group : group.replace(TEXTS, (_, before: string, start: string) => {
        const width = 2 * (middle - Number(start));
        const length = width > 0 ? ` textLength="${width.toFixed(2)}" lengthAdjust="spacingAndGlyphs"` : "";
        return `${before}text-anchor="middle" x="${middle.toFixed(2)}"${length}`;
      });
    })
    .replaceAll(/font-family="Helvetica[^"]*"/g, `font-family="${SANS}"`)
    .replaceAll(/font-family="Courier[^"]*"/g, `font-family="${MONO}"`);
}

/** Half-way between the left and the right end of what is drawn first. */
function middleOf(group: string): number | undefined {
  const [shape] = group.matchAll(SHAPES);
  const xs = [...shape?.[1]?.matchAll(/(-?[\d.]+),-?[\d.]+/g) ?? []].map(([, x]) => Number(x));
  return xs.length === 0 ? undefined : (Math.min(...xs) + Math.max(...xs)) / 2;
}
