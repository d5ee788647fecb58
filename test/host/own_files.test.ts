/** Files that come with the program when it is a single file: found wherever they can be written. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterEach, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What a program with the Python SDK in it says of where that is. */
function askFor(home: string, temporary: string): { readonly folder: string; readonly isThere: boolean } {
  const files = { "actors/python/sluice_actor.py": "# the SDK" };
  const program = `
    globalThis.sluiceEmbedded = ${JSON.stringify({ hash: "abc", files, handlerWord: "x" })};
    const { pythonFolder } = await import(${JSON.stringify(join(root, "lib/host/actor_files.ts"))});
    const { existsSync } = await import("node:fs");
    const folder = pythonFolder();
    const isThere = existsSync(folder + "/sluice_actor.py") && pythonFolder() === folder;
    console.log(JSON.stringify({ folder, isThere }));
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: home, TMPDIR: temporary },
  });
  return JSON.parse(said) as { readonly folder: string; readonly isThere: boolean };
}

function makePlace(): { readonly home: string; readonly temporary: string } {
  const folder = mkdtempSync(join(tmpdir(), "test-of-own-files-"));
  folders.push(folder);
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  return { home: join(folder, "home"), temporary };
}

it("pythonFolder() is in the caches of the user, of a program that is a single file", () => {
  const { home, temporary } = makePlace();
  const { folder, isThere } = askFor(home, temporary);
  expect({ folder, isThere }).toEqual({ folder: join(home, "sluice/own-abc/actors/python"), isThere: true });
  expect(existsSync(folder)).toBe(true);
});

it("pythonFolder() is in a temporary folder that goes with the program, when the caches cannot be written", () => {
  const { home, temporary } = makePlace();
  writeFileSync(home, "no folder");
  const { folder, isThere } = askFor(home, temporary);
  expect(isThere).toBe(true);
  expect(folder.startsWith(join(temporary, "sluice-"))).toBe(true);
  expect(readdirSync(temporary)).toEqual([]);
});
