/**
 * What is looked for in the house: files that are too long, classes that change too much, circles of imports.
 */
import { findCircles } from "./find_circles.ts";
import type { ClassMembers, FunctionLength, SourceFile } from "./source_files.ts";
import { readOtherFiles, readSourceFiles } from "./source_files.ts";

export const LINES_MAX = 300;
export const FUNCTION_MAX = 60;
export const MUTABLE_MAX = 10;

/** The type that too many parts knew once; how many still do is counted. */
const WATCHED = "lib/run/state/actor_run.ts";

export interface House {
  readonly files: readonly SourceFile[];
  /** Files with more lines than a file should have. */
  readonly long: readonly SourceFile[];
  /** The same of tests and benchmarks. */
  readonly longOthers: readonly Pick<SourceFile, "path" | "lines">[];
  /** Functions with more lines than a function should have. */
  readonly longFunctions: readonly FunctionLength[];
  /** Files that import `ActorRun`. */
  readonly knowActorRun: readonly string[];
  /** Classes with more mutable members than a class should have. */
  readonly mutable: readonly ClassMembers[];
  readonly circles: readonly (readonly string[])[];
}

export function readHouse(): House {
  const files = readSourceFiles();
  return {
    files,
    long: files.filter(({ lines }) => lines > LINES_MAX),
    longOthers: readOtherFiles().filter(({ lines }) => lines > LINES_MAX),
    longFunctions: files.flatMap(({ functions }) => functions).filter(({ lines }) => lines > FUNCTION_MAX),
    knowActorRun: files.filter(({ imports }) => imports.includes(WATCHED)).map(({ path }) => path),
    mutable: files.flatMap(({ classes }) => classes).filter(({ mutable }) => mutable.length > MUTABLE_MAX),
    circles: findCircles(new Map(files.map(({ path, imports }) => [path, imports]))),
  };
}
