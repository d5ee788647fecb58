/**
 * A run as one file of HTML, which appears whole or not at all, where it can be renamed into its place.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import process from "node:process";
import { embedRun, readPage } from "./page_html.ts";
import type { PageRun } from "./page_run.ts";

export interface ReportPlace {
  /** Links are followed. */
  readonly path: string;
  /** It has other names, or its folder may not be written: the file itself is written anew. */
  readonly isCopied: boolean;
}

/** Looks whether it can be written there, before there is anything to write. Throws the system's error. */
export function probeReport({ path, isCopied }: ReportPlace): void {
  if (isCopied) return closeSync(openSync(path, "a"));
  const beside = besideOf(path);
  closeSync(openSync(beside, "wx", 0o666));
  rmSync(beside);
}

function besideOf(file: string): string {
  return `${file}.${process.pid}.part`;
}

/** Rejects with the system's error. */
export async function writeReport({ path, isCopied }: ReportPlace, run: PageRun): Promise<void> {
  const bytes = new TextEncoder().encode(embedRun(await readPage(), run));
  if (isCopied) return writeFile(path, { bytes, flags: "w" });
  const beside = besideOf(path);
  try {
    writeFile(beside, { bytes, flags: "wx" });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    // Something is mounted there.
    if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw error;
    writeFile(path, { bytes, flags: "w" });
  }
}

function writeFile(
  path: string,
  { bytes, flags }: { readonly bytes: Uint8Array; readonly flags: "w" | "wx" },
): void {
  const fd = openSync(path, flags, 0o666);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
