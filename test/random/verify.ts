/** Holds what a run left against what the reference says. */
import { Buffer } from "node:buffer";
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeProcess, findProcesses } from "./processes.ts";

/** Something is not as it has to be. */
export interface Problem {
  /** `case`: the case itself is wrong, and tells nothing of the engine. */
  readonly kind: "hang" | "bytes" | "exit" | "leftover" | "case";
  readonly text: string;
}

const COMPARE_BYTES = 1_048_576;
const LOOK_MS = 20;

/** Where the outputs of a run are. */
export interface OutputPlaces {
  readonly flowFolder: string;
  readonly stdoutFile: string;
}

/** Compares every output with its expected file. `isPartial`: files may be missing, and standard output is not looked at. */
export function compareOutputs(
  expected: ReadonlyMap<string, string>,
  { flowFolder, stdoutFile, isPartial = false }: OutputPlaces & { readonly isPartial?: boolean },
): readonly Problem[] {
  return [...expected].flatMap(([target, file]): Problem[] => {
    if (isPartial && target === "-") return [];
    const path = target === "-" ? stdoutFile : join(flowFolder, target);
    if (!existsSync(path)) {
      return isPartial ? [] : [{ kind: "bytes", text: `output ${target}: the file is missing` }];
    }
    const difference = compareFiles(file, path);
    return difference === undefined ? [] : [{ kind: "bytes", text: `output ${target}: ${difference}` }];
  });
}

/** The output files of a run that failed, which should not be there. */
export function findOutputs(
  expected: ReadonlyMap<string, string>,
  { flowFolder }: OutputPlaces,
): readonly Problem[] {
  return [...expected.keys()].filter((target) => target !== "-" && existsSync(join(flowFolder, target)))
    .map((target) => ({ kind: "bytes", text: `output ${target} is there although the run failed` }));
}

/** Processes of the folder that do not go away within `withinMs`. */
export async function findLeftProcesses(folder: string, withinMs: number): Promise<readonly Problem[]> {
  const deadline = performance.now() + withinMs;
  let left = findProcesses(folder);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(LOOK_MS);
    left = findProcesses(folder);
  }
  if (left.length === 0) return [];
  return [{ kind: "leftover", text: `processes are left:\n${left.map(describeProcess).join("\n")}` }];
}

/** Folders of the engine in its temporary folder, and files that it wrote beside the outputs. */
export function findLeftFiles(
  { temporary, flowFolder }: { temporary: string; flowFolder: string },
): readonly Problem[] {
  const left = [
    ...readdirSync(temporary).filter((name) => name.startsWith("sluice-")),
    ...readdirSync(flowFolder).filter((name) => name.endsWith(".tmp")),
  ];
  return left.map((name) => ({ kind: "leftover", text: `the temporary file ${name} is left` }));
}

/** The first difference in words; undefined when there is none. Reads both piece by piece. */
function compareFiles(expectedFile: string, file: string): string | undefined {
  const sizes = [statSync(expectedFile).size, statSync(file).size];
  const fds = [openSync(expectedFile, "r"), openSync(file, "r")] as const;
  try {
    const at = findDifference(fds);
    if (at === undefined) return undefined;
    const [expected, actual] = fds.map((fd) => excerpt(fd, at));
    return `expected ${sizes[0]} bytes, got ${
      sizes[1]
    }, different from byte ${at} on: expected ${expected}, got ${actual}`;
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

function findDifference([left, right]: readonly [number, number]): number | undefined {
  const [a, b] = [Buffer.alloc(COMPARE_BYTES), Buffer.alloc(COMPARE_BYTES)];
  for (let position = 0;;) {
    const [countA, countB] = [
      readSync(left, a, 0, COMPARE_BYTES, position),
      readSync(right, b, 0, COMPARE_BYTES, position),
    ];
    const count = Math.min(countA, countB);
    if (!a.subarray(0, count).equals(b.subarray(0, count))) {
      let at = 0;
      while (a[at] === b[at]) at++;
      return position + at;
    }
    if (countA !== countB) return position + count;
    if (count === 0) return undefined;
    position += count;
  }
}

function excerpt(fd: number, at: number): string {
  const bytes = Buffer.alloc(24);
  return JSON.stringify(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, at)).toString("latin1"));
}
