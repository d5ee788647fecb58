/**
 * Text from elsewhere (actors, flow files) made safe for a terminal: it can neither move the cursor nor set the
 * title nor break the line nor show text in another order than it is.
 */

// deno-lint-ignore no-control-regex -- finding control characters is what it is for
const SPECIAL = /\x1b\[[0-9;:]*m|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** They change the direction of the text that follows. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Replaces control characters but tab by what can be seen: `^[` for escape, `\x9b` for those above 127. With
 * `keepsColors`, SGR sequences stay and are ended at the end of the text; without, they are left out.
 */
export function makeHarmless(text: string, options: { keepsColors: boolean }): string {
  let isColored = false;
  const safe = text.replace(/\r$/, "").replace(SPECIAL, (found) => {
    if (found.length > 1) {
      isColored = true;
      return options.keepsColors ? found : "";
    }
    return showControl(found.charCodeAt(0));
  });
  return isColored && options.keepsColors ? `${safe}\x1b[0m` : safe;
}

/** Makes a text one line: each run of white space and control characters becomes one space, a change of direction can be seen. */
export function makeOneLine(text: string): string {
  // deno-lint-ignore no-control-regex -- as above
  const line = text.replace(/[\s\x00-\x1f\x7f-\x9f]+/g, " ").trim();
  return line.replace(DIRECTIONS, (found) => showControl(found.charCodeAt(0)));
}

function showControl(code: number): string {
  if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
  if (code === 0x7f) return "^?";
  return code < 0x100 ? `\\x${code.toString(16)}` : `\\u${code.toString(16)}`;
}
