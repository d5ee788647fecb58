/**
 * Colours on a terminal, as SGR codes.
 */
export type Color = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "gray" | "bold";

const CODES: Readonly<Record<Color, number>> = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  gray: 90,
  bold: 1,
};

/** A function that wraps text in a colour, or leaves it alone when `isOn` is false. */
export function makePaint(isOn: boolean): (color: Color, text: string) => string {
  return (color, text) => isOn ? `\x1b[${CODES[color]}m${text}\x1b[0m` : text;
}
