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
  readonly functions: readonly FunctionLength[];
}

export interface FunctionLength {
  readonly path: string;
  /** With the class, where it has one. */
  readonly name: string;
  readonly lines: number;
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

/** How long the files are that test the engine, and measure it. */
export function readOtherFiles(): readonly Pick<SourceFile, "path" | "lines">[] {
  return globSync("{test,bench}/**/*.ts", { cwd: ROOT }).sort().map((path) => ({
    path,
    lines: readFileSync(join(ROOT, path), "utf8").split("\n").length - 1,
  }));
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
    functions: listFunctions(path, text),
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

/** The functions of a file that have a body, those in others, too. */
export function listFunctions(path: string, text: string): readonly FunctionLength[] {
  const found: FunctionLength[] = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineAt = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const name = ts.isConstructorDeclaration(node) ? "constructor" : node.name?.getText() ?? "(nameless)";
      found.push({ path, name: `${owner}${name}`, lines: lineAt(node.end) - lineAt(node.getStart()) + 1 });
    }
    const inside = ts.isClassLike(node) ? `${node.name?.text ?? "(nameless)"}.` : owner;
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, "");
  return found;
}

/** True for what can be set, and for a collection of its own that is filled later. */
function isMutable({ modifiers, type, initializer }: ts.PropertyDeclaration): boolean {
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword) !== true) return true;
  if (type !== undefined) return ts.isArrayTypeNode(type) || /^(Map|Set|Deque)</.test(type.getText());
  return /^(new (Map|Set|Deque)\b|\[)/.test(initializer?.getText() ?? "");
}
