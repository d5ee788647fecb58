/**
 * The page that shows a run: `node build/page.ts` makes one file of its sources, `lib/report/web/page.html`, which loads
 * nothing from elsewhere. `--check` writes nothing and says whether the file is as its sources are.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { rolldown } from "rolldown";
import { ROOT } from "../test/house/source_files.ts";

const SOURCES = "lib/report/web/page";
export const PAGE_FILE = "lib/report/web/page.html";

/** The text of the page. */
export async function makePage(): Promise<string> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: join(SOURCES, "main.tsx"),
    platform: "browser",
    tsconfig: join(ROOT, SOURCES, "tsconfig.json"),
  });
  const { output: [{ code }] } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const style = ["style.css", "style_parts.css"].map((name) => read(join(SOURCES, name))).join("\n");
  // The text of a script ends at this, wherever it stands.
  const script = code.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts: Readonly<Record<string, string>> = { policy, style, script };
  return read(join(SOURCES, "template.html")).replaceAll(
    /\{(policy|style|script)\}/g,
    (_, name: string) => parts[name] ?? "",
  );
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

if (import.meta.main) {
  const text = await makePage();
  if (!process.argv.includes("--check")) writeFileSync(join(ROOT, PAGE_FILE), text);
  else if (read(PAGE_FILE) !== text) {
    console.error(`${PAGE_FILE} is not as its sources are: npm run page`);
    process.exitCode = 1;
  }
}
