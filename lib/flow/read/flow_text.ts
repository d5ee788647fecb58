/**
 * The text of a flow file and what it holds: JSON with comments and trailing commas. From the tree a path into the
 * JSON can be turned into a place in the text.
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { JsonPath, PlacedIssue } from "../../core/issue.ts";
import { quote } from "../schema/names.ts";
import { DEPTH_MAX, mayBeUnheld } from "./plain_json.ts";

/** A piece of one line of the text; `line` and `column` count from 1, columns in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The whole line, without its line break. */
  readonly excerpt: string;
}

export interface FlowText {
  /** As people named it. */
  readonly file?: string;
  readonly text: string;
  /** What the JSON holds; of two equal keys, the first. */
  readonly value: unknown;
}

/** A text with the places of what it holds: made when one is asked for. */
interface FlowTree {
  readonly text: string;
  readonly root: Node;
  /** Offset of each line. */
  readonly lineStarts: readonly number[];
}

export type ParseResult =
  /** `slips` are mistakes too; they stand apart because the rest can be checked in spite of them. */
  | { readonly ok: true; readonly text: FlowText; readonly slips: readonly PlacedIssue[] }
  | { readonly ok: false; readonly issues: readonly PlacedIssue[] };

/** Syntax errors told for one file; what follows is mostly a consequence. */
const SYNTAX_ISSUES_MAX = 10;

const SYNTAX_ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is no JSON (expected a value such as a string in double quotes)",
  InvalidNumberFormat: "this is no number (expected such as 12 or 1.5)",
  PropertyNameExpected: "a key is missing here (expected a string in double quotes)",
  ValueExpected: "a value is missing here (expected a string, number, list, object, true, false or null)",
  ColonExpected: 'a ":" is missing here (expected between a key and its value)',
  CommaExpected: 'a "," is missing before this (expected between two entries)',
  CloseBraceExpected: 'an object is not closed (expected "}")',
  CloseBracketExpected: 'a list is not closed (expected "]")',
  EndOfFileExpected: "there is more after the end of the flow (expected one object)",
  InvalidCommentToken: "this is no comment (expected // or /* */)",
  UnexpectedEndOfComment: "a comment is not closed (expected */)",
  UnexpectedEndOfString: "a string is not closed on its line (expected a double quote)",
  UnexpectedEndOfNumber: "a number is not finished (expected a digit)",
  InvalidUnicode: "this is no character (expected \\u and four hexadecimal digits)",
  InvalidEscapeCharacter: 'this escape does not exist (expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u)',
  InvalidCharacter: "a control character stands in a string (expected an escape such as \\n)",
};

/** Parses a flow file; all of its syntax errors are told. */
export function parseFlowText(text: string, { file }: { file?: string } = {}): ParseResult {
  const lineStarts = findLineStarts(text);
  const fail = (message: string): ParseResult => ({
    ok: false,
    issues: [{ path: [], message, ...(file === undefined ? {} : { file }) }],
  });
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch (error) {
    // The parser calls itself for each level and runs out of stack.
    if (error instanceof RangeError) return fail(tooDeep());
    throw error;
  }
  if (root === undefined && !errors.some((error) => error.length > 0)) {
    return fail(
      'Cannot read the flow: the file is empty (expected such as {"actors": {"a": {"run": ["date"]}}})',
    );
  }
  if (errors.length > 0 || root === undefined) {
    return {
      ok: false,
      issues: syntaxIssues(errors, { text, lineStarts, ...(file === undefined ? {} : { file }) }),
    };
  }
  const duplicates: Duplicate[] = [];
  const unheld: Unheld[] = [];
  const depth = { isTooDeep: false };
  const value = valueOf(root, { path: [], duplicates, unheld, depth });
  if (depth.isTooDeep) return fail(tooDeep());
  const flowText = { ...(file === undefined ? {} : { file }), text, value };
  trees.set(flowText, { text, root, lineStarts });
  return {
    ok: true,
    text: flowText,
    slips: [
      ...duplicates.map((duplicate) => duplicateIssue(duplicate, flowText)),
      ...unheld.flatMap((number) => unheldIssue(number, flowText)),
    ],
  };
}

/** The place of what a path names: its value, or its key. A path that leads nowhere is placed at what holds it. */
export function findPlace(text: FlowText, path: JsonPath, at: "key" | "value" = "value"): TextPlace {
  const tree = treeOf(text);
  let node = tree.root;
  let key: Node | undefined;
  let isWhole = true;
  for (const part of path) {
    const next = childOf(node, part);
    if (next === undefined) {
      isWhole = false;
      break;
    }
    node = next.value;
    key = next.key;
  }
  // A long object is better told by its key than by its first line.
  const target = key !== undefined && (at === "key" || !isWhole) ? key : node;
  return placeAt(tree, target);
}

const trees = new WeakMap<FlowText, FlowTree>();

/** Of a text that holds JSON. */
function treeOf(flowText: FlowText): FlowTree {
  const known = trees.get(flowText);
  if (known !== undefined) return known;
  const { text } = flowText;
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root === undefined) throw new Error("A text without JSON has no places");
  const tree: FlowTree = { text, root, lineStarts: findLineStarts(text) };
  trees.set(flowText, tree);
  return tree;
}

interface Duplicate {
  readonly path: JsonPath;
  readonly key: Node;
}

/** A number or a text that would silently become another one. */
interface Unheld {
  readonly path: JsonPath;
  readonly node: Node;
}

interface Walk {
  readonly path: JsonPath;
  readonly duplicates: Duplicate[];
  readonly unheld: Unheld[];
  readonly depth: { isTooDeep: boolean };
}

/** Plain data; `__proto__` is a key like any other. */
function valueOf(node: Node, walk: Walk): unknown {
  const { path, duplicates, unheld, depth } = walk;
  if (path.length > DEPTH_MAX) {
    depth.isTooDeep = true;
    return undefined;
  }
  if (node.type === "array") {
    return node.children?.map((child, index) => valueOf(child, { ...walk, path: [...path, index] })) ?? [];
  }
  if (node.type === "number" && mayBeUnheld(node.value)) unheld.push({ path, node });
  if (node.type === "string" && !isWhole(node)) unheld.push({ path, node });
  if (node.type !== "object") return node.value;
  const object = {};
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    const inner = { ...walk, path: [...path, name] };
    if (!isWhole(key)) unheld.push({ path: inner.path, node: key });
    if (Object.hasOwn(object, name)) {
      duplicates.push({ path: inner.path, key });
      continue;
    }
    const held = { value: valueOf(value, inner), enumerable: true, writable: true, configurable: true };
    Object.defineProperty(object, name, held);
  }
  return object;
}

function duplicateIssue({ path, key }: Duplicate, text: FlowText): PlacedIssue {
  const first = findPlace(text, path, "key");
  const message = `Cannot use key ${
    quote(String(path.at(-1)))
  }: it is there already, in line ${first.line} (expected once)`;
  const file = text.file === undefined ? {} : { file: text.file };
  return { path, message, at: "key", ...file, ...placeAt(treeOf(text), key) };
}

function unheldIssue({ path, node }: Unheld, text: FlowText): readonly PlacedIssue[] {
  const written = text.text.slice(node.offset, node.offset + node.length);
  const file = text.file === undefined ? {} : { file: text.file };
  const placed = { path, ...file, ...placeAt(treeOf(text), node) };
  if (node.type === "string") {
    const message =
      'Cannot read a text: it has half of a character (expected both, such as "\\ud83d\\ude00")';
    return [{ ...placed, message }];
  }
  const isFinite = Number.isFinite(node.value);
  if (isFinite && (!/^-?\d+$/.test(written) || BigInt(written) === BigInt(node.value))) return [];
  const reason = isFinite ? "it has more digits" : "it is larger";
  const message =
    `Cannot read number ${written}: ${reason} than a number holds (expected a text, "${written}")`;
  return [{ ...placed, message }];
}

/** False for half of a character that takes two: nothing can write it, and what tries writes another one. */
function isWhole({ value }: Node): boolean {
  return String(value).isWellFormed();
}

function syntaxIssues(
  errors: readonly ParseError[],
  text: Omit<FlowTree, "root"> & Pick<FlowText, "file">,
): PlacedIssue[] {
  const issues: PlacedIssue[] = [];
  const file = text.file === undefined ? {} : { file: text.file };
  for (const { error, offset, length } of errors) {
    const place = placeAt(text, { offset, length: Math.max(length, 1) });
    const previous = issues.at(-1);
    // One mistake throws the parser off for the rest of its line, and often for all that is to be closed at the end.
    if (previous?.line === place.line || (previous !== undefined && offset >= text.text.trimEnd().length)) {
      continue;
    }
    const code = printParseErrorCode(error);
    issues.push({
      path: [],
      message: `Cannot read the flow: ${SYNTAX_ERRORS[code] ?? code}`,
      ...file,
      ...place,
    });
    if (issues.length === SYNTAX_ISSUES_MAX) break;
  }
  return issues;
}

function tooDeep(): string {
  return `Cannot read the flow: lists and objects are nested too deeply (expected at most ${DEPTH_MAX} levels)`;
}

// Objects of ten thousand actors are searched by key once for each issue.
const propertiesByObject = new WeakMap<Node, Map<string, { key: Node; value: Node }>>();

function childOf(node: Node, part: string | number): { key?: Node; value: Node } | undefined {
  if (typeof part === "number") {
    const value = node.type === "array" ? node.children?.[part] : undefined;
    return value === undefined ? undefined : { value };
  }
  if (node.type !== "object") return undefined;
  let properties = propertiesByObject.get(node);
  if (properties === undefined) {
    properties = new Map();
    for (const { children: [key, value] = [] } of node.children ?? []) {
      if (key === undefined || value === undefined || properties.has(String(key.value))) continue;
      properties.set(String(key.value), { key, value });
    }
    propertiesByObject.set(node, properties);
  }
  return properties.get(part);
}

/** Cut at the end of its line. */
function placeAt(
  { text, lineStarts }: Omit<FlowTree, "root">,
  { offset, length }: { readonly offset: number; readonly length: number },
): TextPlace {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = lineStarts[low] ?? 0;
  // Not by a pattern: a line may be the whole of a large file, and is asked for once for each issue.
  let end = lineStarts[low + 1] ?? text.length;
  while (end > start && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  const excerpt = text.slice(start, end);
  const column = offset - start + 1;
  return {
    line: low + 1,
    column,
    length: Math.max(1, Math.min(length, excerpt.length - column + 1)),
    excerpt,
  };
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}
