/**
 * The names of actors: an actor with `each` is one actor for each member, such as `count[logs/a.gz,warn]`, and
 * the actors of a flow that is used have its name and a slash before theirs, such as `clean/words`.
 */
import type { Flow, StreamRef } from "./flow.ts";
import type { FlowIssue } from "./issue.ts";

/** The actor that an instance belongs to; any other actor is its own. Of `clean[a]/count[b,c]` it is `clean/count`. */
export function groupOf(name: string): string {
  let at = name.indexOf("[");
  if (at === -1) return name;
  let group = "";
  let from = 0;
  for (; at !== -1; at = name.indexOf("[", from)) {
    group += name.slice(from, at);
    from = endOfKeys(name, at);
  }
  return group + name.slice(from);
}

/** Behind the bracket that closes one: in keys those have a backslash before them. */
function endOfKeys(name: string, start: number): number {
  for (let at = start + 1; at < name.length; at++) {
    if (name[at] === "\\") at += 1;
    else if (name[at] === "]") return at + 1;
  }
  return name.length;
}

/** The name of an actor inside of the one that stands for its flow: `clean/words`. */
export function innerName(outer: string, name: string): string {
  return `${outer}/${name}`;
}

/** The actors that stand for the flows that one is in, from the outside in: `a` and `a/b` for `a/b/c`. In keys a slash is none. */
export function boxesOf(name: string): readonly string[] {
  const boxes: string[] = [];
  for (let at = 0; at < name.length; at++) {
    if (name[at] === "[") at = endOfKeys(name, at) - 1;
    else if (name[at] === "/") boxes.push(name.slice(0, at));
  }
  return boxes;
}

/** True for the name of an instance: no other name has a bracket. */
export function isInstance(name: string): boolean {
  return name.includes("[");
}

/** The stream of a name such as `foo`, `foo.audit` or `count[logs/a.gz].stderr`: in brackets a dot is none. */
export function toStream(name: string): StreamRef {
  const dot = name.indexOf(".", Math.max(1, name.lastIndexOf("]")));
  return dot === -1
    ? { actor: name, port: "stdout" }
    : { actor: name.slice(0, dot), port: name.slice(dot + 1) };
}

/**
 * `count[logs/a.gz,warn]`. In a key `,`, `]` and `\` have a backslash before them, and control characters, and those that
 * change the direction of a text, are as in JSON.
 */
export function instanceName(actor: string, keys: readonly string[]): string {
  return `${actor}[${keys.map(escapeKey).join(",")}]`;
}

function escapeKey(key: string): string {
  if (!NEEDS_ESCAPE.test(key)) return key;
  return key.replaceAll(/[\\,\]]/g, "\\$&")
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
      const code = character.charCodeAt(0);
      return SHORT[character] ?? `\\u${code.toString(16).padStart(4, "0")}`;
    });
}

const NEEDS_ESCAPE = /[\\,\]\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The key in the name of an instance or of a stream, `NO` in `[NO]`; undefined where there are no brackets. */
export function keyIn(name: string): string | undefined {
  const inside = /^[^[]*\[([\s\S]*)\]$/.exec(name)?.[1];
  return inside?.replace(/\\(u[0-9a-f]{4}|[\s\S])/g, (_, escaped: string) => unescapeKey(escaped));
}

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function unescapeKey(escaped: string): string {
  return escaped.length > 1
    ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    : ESCAPED[escaped] ?? escaped;
}

/** What is wrong with every instance of an actor is said of the actor, once. */
export function tellOnce(issues: readonly FlowIssue[]): FlowIssue[] {
  const told = new Set<string>();
  return issues.map(ofGroup).filter((issue) => {
    const key = JSON.stringify([issue.path, issue.message]);
    if (told.has(key)) return false;
    told.add(key);
    return true;
  });
}

/** What is wrong with an actor inside of a flow that is used is told at its place there. */
export function placeInside(issue: FlowIssue, { uses }: Pick<Flow, "uses">): FlowIssue {
  const [top, name, ...rest] = issue.path;
  if (top !== "actors" || typeof name !== "string") return issue;
  const box = boxesOf(name).at(-1);
  const used = box === undefined ? undefined : uses.get(box)?.text;
  if (box === undefined || used === undefined) return issue;
  return { ...issue, path: [top, groupOf(name.slice(box.length + 1)), ...rest], used };
}

function ofGroup(issue: FlowIssue): FlowIssue {
  const [top, name, ...rest] = issue.path;
  if (top !== "actors" || typeof name !== "string" || !isInstance(name)) return issue;
  const group = groupOf(name);
  return {
    ...issue,
    path: [top, group, ...rest],
    message: issue.message.replaceAll(`"${name}"`, () => `"${group}"`),
  };
}
