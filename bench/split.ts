/**
 * A table into a file for each key: against awk, which is what people use for it. Awk has all files open at the same
 * time, and what it has written stays when it fails; here few descriptors are enough, and files appear together.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "./cases.ts";
import type { Benchmark, Row } from "./harness.ts";
import { engines, folder, writeFlow } from "./harness.ts";

const MIB = 1024 ** 2;
const KEYS = 1_000;

export const splitBenchmarks: Readonly<Record<string, (scale: number) => readonly Benchmark[]>> = {
  split: (scale) => [split(Math.round(1024 * scale))],
};

/** Rows with their keys in no order, so many MiB of them. */
function writeTable(mib: number): string {
  const path = join(folder, `table-${mib}.csv`);
  const file = openSync(path, "w");
  writeSync(file, "id,key,name,amount,note\n");
  let at = 0;
  for (let written = 0; written < mib * MIB;) {
    let rows = "";
    for (; rows.length < MIB; at++) {
      const mixed = Math.imul(at, 0x9e3779b1) >>> 0;
      const key = `k${String(mixed % KEYS).padStart(3, "0")}`;
      rows += `${at},${key},name of ${mixed},${(mixed % 100_000) / 100},some text that is here\n`;
    }
    writeSync(file, rows);
    written += rows.length;
  }
  closeSync(file);
  return path;
}

const AWK = `NR == 1 { head = $0; next }
{ file = "awk/" $2 ".csv"; if (!($2 in seen)) { seen[$2]; print head > file }; print > file }`;

/** So many MiB into a thousand files, with the header in each. */
export function splitTable(mib: number): Case {
  const table = writeTable(mib);
  const awk = ["bash", "-c", `mkdir -p awk && awk -F, '${AWK}' '${table}'`];
  const flow = writeFlow(`split-${mib}`, {
    actors: {
      table: { file: table },
      rows: { split: { key: { column: "key" }, format: "csv" }, in: "table" },
    },
    out: { "by/{key}.csv": "rows" },
  });
  return {
    name: `split of ${mib} MiB of CSV into ${KEYS} files`,
    against: "awk",
    peer: { deno: awk, bun: awk, node: awk },
    args: [flow],
  };
}

/** Is a file for each key made as soon as awk makes it? */
function split(mib: number): Benchmark {
  const one = splitTable(mib);
  const [flow = ""] = one.args;
  const expected = String(KEYS);
  const count = (name: string): string => `ls ${name} | wc -l; rm -rf ${name}`;
  const ours = engines.map(({ label, command }): Row => ({
    label: `${label}, 256 descriptors`,
    command: [
      "bash",
      "-c",
      `(ulimit -n 256; ${command.map((word) => `'${word}'`).join(" ")} '${flow}'); ${count("by")}`,
    ],
    expected,
    timeoutMs: 600_000,
  }));
  const [, , line = ""] = one.peer.node;
  return {
    name: one.name,
    question: `Are ${mib} MiB of CSV in ${KEYS} files as soon as awk has them there?`,
    rounds: 3,
    work: { amount: mib / 1024, unit: "GiB" },
    rows: [
      { label: "awk", command: ["bash", "-c", `${line}; ${count("awk")}`], expected, timeoutMs: 600_000 },
      ...ours,
    ],
  };
}
