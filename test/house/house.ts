/**
 * What is looked for in the house: files that are too long, classes that change too much, circles of imports.
 */
import { findCircles } from "./find_circles.ts";
import type { ClassMembers, SourceFile } from "./source_files.ts";
import { readSourceFiles } from "./source_files.ts";

export const LINES_MAX = 300;
export const MUTABLE_MAX = 10;

export interface House {
  readonly files: readonly SourceFile[];
  /** Files with more lines than a file should have. */
  readonly long: readonly SourceFile[];
  /** Classes with more mutable members than a class should have. */
  readonly mutable: readonly ClassMembers[];
  readonly circles: readonly (readonly string[])[];
}

export function readHouse(): House {
  const files = readSourceFiles();
  return {
    files,
    long: files.filter(({ lines }) => lines > LINES_MAX),
    mutable: files.flatMap(({ classes }) => classes).filter(({ mutable }) => mutable.length > MUTABLE_MAX),
    circles: findCircles(new Map(files.map(({ path, imports }) => [path, imports]))),
  };
}
