/**
 * Several processes for the lines of one stream, in the order of the input: against one process, and against GNU
 * parallel, which is what people use for it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { Benchmark, Row } from "./harness.ts";
import { engines, writeFlow, writeScratch } from "./harness.ts";

const MIB = 1024 ** 2;

/** All of them, by name. */
export const workerBenchmarks: Readonly<Record<string, (scale: number) => readonly Benchmark[]>> = {
  workers: (scale) => [busy(Math.round(64 * scale)), cheap(Math.round(1024 * scale))],
};

const hasParallel = spawnSync("parallel", ["--version"]).status === 0;

/** A file of whole lines. */
function writeLines(mib: number): string {
  const path = writeScratch(`lines-${mib}`, "");
  const block = Array.from({ length: MIB / 64 }, (_, at) => String(at).padStart(63, "line ")).join("\n");
  writeFileSync(path, "");
  for (let at = 0; at < mib; at++) writeFileSync(path, `${block}\n`, { flag: "a" });
  return path;
}

/** What does it cost to cut a stream and to put it together again, when the program takes no time? */
function cheap(mib: number): Benchmark {
  const lines = writeLines(mib);
  const flow = (workers: number | undefined): string =>
    writeFlow(`cheap-${workers ?? 1}`, {
      actors: {
        lines: { file: lines },
        copy: { run: ["cat"], in: "lines", ...(workers === undefined ? {} : { workers }) },
        count: { run: ["wc", "-c"], in: "copy" },
      },
    });
  const expected = String(mib * MIB);
  return {
    name: `two workers of cat over ${mib} MiB`,
    question: "What does it cost to cut a stream into lines and to put it together again?",
    rounds: 3,
    work: { amount: mib / 1024, unit: "GiB" },
    rows: [
      ...parallelRow(`parallel --pipe -k -j2 cat < '${lines}' | wc -c`, expected),
      { label: "cat", command: ["bash", "-c", `cat < '${lines}' | wc -c`], expected },
      ...engines.map(({ label, command }) => ({ label, command: [...command, flow(2)], expected })),
      ...engines.map(({ label, command }) => ({
        label: `${label}, no workers, one relay`,
        command: [...command, "--start", "lazy", flow(undefined)],
        expected,
      })),
    ],
  };
}

/** Do two workers need half of the time? */
function busy(mib: number): Benchmark {
  const lines = writeLines(mib);
  const program = "{ for (i = 0; i < 400; i++) x = x + length($0) * i; print length($0) + i }";
  const flow = (workers: number): string =>
    writeFlow(`busy-${workers}`, {
      actors: {
        lines: { file: lines },
        work: { run: ["awk", program], in: "lines", workers },
        sum: { run: ["cksum"], in: "work" },
      },
    });
  const one = `awk '${program}' < '${lines}' | cksum`;
  const expected = execFileSync("bash", ["-c", one], { encoding: "utf8" }).trim();
  return {
    name: `two workers of a busy awk over ${mib} MiB`,
    question: "Do two workers need half of the time of one?",
    rounds: 3,
    work: { amount: mib, unit: "MiB" },
    rows: [
      { label: "one awk", command: ["bash", "-c", one], expected },
      ...parallelRow(
        `parallel --pipe -k -j2 "awk '${program.replaceAll("$", "\\$")}'" < '${lines}' | cksum`,
        expected,
      ),
      ...engines.flatMap(({ label, command }) => [
        { label: `${label}, one worker`, command: [...command, flow(1)], expected },
        { label: `${label}, two workers`, command: [...command, flow(2)], expected },
      ]),
    ],
  };
}

function parallelRow(command: string, expected: string): readonly Row[] {
  return hasParallel
    ? [{ label: "GNU parallel --pipe -k -j2", command: ["bash", "-c", command], expected }]
    : [];
}
