/**
 * A run as one file of HTML, which appears whole or not at all.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import process from "node:process";
import { embedRun, readPage } from "./page_html.ts";
import type { PageRun } from "./page_run.ts";

/** Throws the system's error. */
export function writeReport(file: string, run: PageRun): void {
  const bytes = new TextEncoder().encode(embedRun(readPage(), run));
  const beside = `${file}.${process.pid}.part`;
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
