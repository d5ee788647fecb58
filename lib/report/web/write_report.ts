/**
 * A run as one file of HTML, which appears whole or not at all.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import process from "node:process";
import { embedRun, readPage } from "./page_html.ts";
import type { PageRun } from "./page_run.ts";

/** Looks whether it can be written there, before there is anything to write. Throws the system's error. */
export function probeReport(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error("it is a folder");
  const beside = besideOf(file);
  closeSync(openSync(beside, "wx", 0o666));
  rmSync(beside);
}

function besideOf(file: string): string {
  return `${file}.${process.pid}.part`;
}

/** Rejects with the system's error. */
export async function writeReport(file: string, run: PageRun): Promise<void> {
  const bytes = new TextEncoder().encode(embedRun(await readPage(), run));
  const beside = besideOf(file);
  const fd = openSync(beside, "wx", 0o666);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
