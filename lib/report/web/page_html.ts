/**
 * The page as a text: one file with all that it needs, made by `npm run page`.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PageRun } from "./page_run.ts";

/** The place of the data in it. */
const DATA = /(<script type="application\/json" id="run">)null(<\/script>)/;

/** The page. From a registry of Deno's the program is no file: there it is imported, as modules are. */
export async function readPage(place = new URL("./page.html", import.meta.url)): Promise<string> {
  try {
    if (place.protocol === "file:") return readFileSync(place, "utf8");
    const page: { readonly default: string } = await import(place.href, { with: { type: "text" } });
    return page.default;
  } catch (error) {
    // From source it may not be made yet; what is served as data is there all the same.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return NOT_MADE;
    throw error;
  }
}

const NOT_MADE =
  '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Sluice</title><p>The page is not made (npm run page).</p><script type="application/json" id="run">null</script></html>';

/** What its scripts and styles may do: those of the file itself, and nothing from elsewhere. */
export function policyOf(html: string): string {
  const hashes = (tag: "script" | "style"): string =>
    [...html.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`, "g"))]
      .filter(([whole]) => !whole.startsWith('<script type="application/json"'))
      .map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`)
      .join(" ");
  return [
    "default-src 'none'",
    `script-src ${hashes("script") || "'none'"}`,
    `style-src ${hashes("style") || "'none'"}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The page with a run in it, which needs no server. */
export function embedRun(html: string, run: PageRun): string {
  if (!DATA.test(html)) throw new Error("The page has no place for the data of a run");
  return html.replace(DATA, (_, begin: string, end: string) => `${begin}${toScriptText(run)}${end}`);
}

/** JSON that can end no script and break no line, whatever is in it. */
function toScriptText(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
