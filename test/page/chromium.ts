/**
 * Chromium, driven by playwright-core.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

/** The program, by `SLUICE_CHROMIUM` or by its names on the search path. */
export const chromiumPath = findChromium();

function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...process.env["SLUICE_CHROMIUM"] === undefined ? [] : [process.env["SLUICE_CHROMIUM"]], ...paths]
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false; // Not there: the next one.
      }
    });
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    ...chromiumPath === undefined ? {} : { executablePath: chromiumPath },
    // Tests may run as root in a container.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}
