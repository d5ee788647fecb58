/**
 * The engine's source files, as they are read here: how long each is, what it imports, what its classes can change.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface SourceFile {
  /** From the root of the project. */
  readonly path: string;
  readonly lines: number;
  /** The files of the project that it imports, for types only or at last by `import()`, too. */
  readonly imports: readonly string[];
  readonly classes: readonly ClassMembers[];
}

export interface ClassMembers {
  readonly name: string;
  readonly path: string;
  /** Those that are not the same, or hold not the same, for ever. */
  readonly mutable: readonly string[];
}

/** Reads `mod.ts` and all of `lib/`. */
export function readSourceFiles(): readonly SourceFile[] {
  return ["mod.ts", ...globSync("lib/**/*.{ts,tsx}", { cwd: ROOT }).sort()].map(readSourceFile);
}

function readSourceFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const { importedFiles } = ts.preProcessFile(text);
  return {
    path,
    lines: text.split("\n").length - 1,
    imports: importedFiles.filter(({ fileName }) => fileName.startsWith("."))
      .map(({ fileName }) => join(dirname(path), fileName)),
    classes: listClasses(path, text),
  };
}

/** The classes of a file, with what they can change. */
export function listClasses(path: string, text: string): readonly ClassMembers[] {
  const found: ClassMembers[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isClassDeclaration(node) || ts.isClassExpression(node)) {
      const mutable = node.members.filter(ts.isPropertyDeclaration).filter(isMutable);
      found.push({
        path,
        name: node.name?.text ?? "(nameless)",
        mutable: mutable.map(({ name }) => name.getText()),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

/** True for what can be set, and for a collection of its own that is filled later. */
function isMutable({ modifiers, type, initializer }: ts.PropertyDeclaration): boolean {
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword) !== true) return true;
  if (type !== undefined) return ts.isArrayTypeNode(type) || /^(Map|Set|Deque)</.test(type.getText());
  return /^(new (Map|Set|Deque)\b|\[)/.test(initializer?.getText() ?? "");
}
