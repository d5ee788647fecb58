/**
 * Texts on a canvas that end with an ellipsis where their room ends. How wide they are is asked once for each.
 */
const KNOWN_MAX = 20_000;
const known = new Map<string, string>();

export function fitText(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (width < 6) return "";
  const key = `${context.font}\n${Math.round(width)}\n${text}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const fitted = cut(context, text, width);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(key, fitted);
  return fitted;
}

function cut(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let least = 0;
  let most = Math.min(text.length, 400);
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) least = middle;
    else most = middle - 1;
  }
  return least === 0 ? "" : `${text.slice(0, least).trimEnd()}…`;
}
