/**
 * What is loaded with a file: all that it imports at once, and what that imports. Types are no imports, and what is
 * imported by a call is loaded when it is called.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { ROOT } from "./source_files.ts";

/**
 * `sluice flow.json`, whose actors pass bytes from pipe to pipe: the library, and what is loaded by a call in every such
 * run.
 */
export const PROGRAM: readonly string[] = [
  "mod.ts",
  "lib/run/run_flow.ts",
  "lib/cli/main.ts",
  "lib/cli/commands/run.ts",
  "lib/run/stop_signals.ts",
  "lib/run/run_plan.ts",
];

export interface Loaded {
  /** Files of the project, from its root. */
  readonly files: readonly string[];
  /** Packages, and what the runtimes bring (`node:fs`). */
  readonly modules: readonly string[];
}

/** What is loaded with these files. */
export function listLoaded(entries: readonly string[]): Loaded {
  const files = new Set<string>();
  const modules = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    for (const name of listImported(path, readFileSync(join(ROOT, path), "utf8"))) {
      if (name.startsWith(".")) open.push(join(dirname(path), name));
      else modules.add(name);
    }
  }
  return { files: [...files].sort(), modules: [...modules].sort() };
}

/** What a file imports, and exports from elsewhere, that is more than a type. */
export function listImported(path: string, text: string): readonly string[] {
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) return [];
    const isType = isImport
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    const name = statement.moduleSpecifier;
    return isType || name === undefined || !ts.isStringLiteral(name) ? [] : [name.text];
  });
}
