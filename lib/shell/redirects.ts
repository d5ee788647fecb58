/**
 * What `<`, `>`, `2>` and their like ask for.
 */
import { posix } from "node:path";
import type { HereDoc, ProcessSubstitutionPart, Redirect, Redirection } from "unbash";
import { newPiece } from "./piece.ts";
import type { Stream } from "./piece.ts";
import { eachOf, isReplaced } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";
import { literalOf, sayQuoted, sayWord } from "./words.ts";
import { wishOf } from "./leave.ts";

export interface Redirected {
  readonly stdin: readonly Stream[] | undefined;
  /** The file that standard output goes to. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
  /** What only a shell does with descriptors: ` 2>&1`. */
  readonly descriptors: string;
}

/** Throws Unsayable. */
export function sayRedirects(redirects: readonly Redirection[], scope: Scope): Redirected {
  let said: Redirected = { stdin: undefined, stdout: undefined, stderr: undefined, descriptors: "" };
  for (const redirect of redirects) said = { ...said, ...sayRedirect(redirect, said, scope) };
  return said;
}

function sayRedirect(redirect: Redirection, before: Redirected, scope: Scope): Partial<Redirected> {
  if (redirect.descriptor?.type === "FileDescriptorVariable") throw refuse(redirect, scope);
  const fd = redirect.descriptor?.value;
  if (redirect.type === "HereDoc") return readsOnce(sayHereDoc(redirect, scope), before, redirect);
  const { target } = redirect;
  if (target === undefined) throw refuse(redirect, scope);
  if (redirect.type === "HereString") {
    if ((fd ?? 0) !== 0) throw refuse(redirect, scope);
    return readsOnce(textOf(`${sayWord(target, scope)}\n`, scope), before, redirect);
  }
  if (redirect.operator === "<" && (fd ?? 0) === 0) {
    return readsOnce(sayInput(redirect, scope), before, redirect);
  }
  if (redirect.operator === ">&" || redirect.operator === "&>") return sayBoth(redirect, before, scope);
  if (redirect.operator !== ">" && redirect.operator !== ">|") throw refuse(redirect, scope);
  if (literalOf(target) === "/dev/null" && fd === 2) {
    return { descriptors: `${before.descriptors} 2>/dev/null` };
  }
  const path = sayWord(target, scope);
  // `2>&1 >file` keeps standard error where standard output was.
  if (before.descriptors.includes("2>&1")) throw refuse(redirect, scope);
  if ((fd ?? 1) === 1 && before.stdout === undefined) return { stdout: path };
  if (fd === 2 && before.stderr === undefined) return { stderr: path };
  throw refuse(redirect, scope);
}

/** `2>&1`, and `&> file`, which is both. */
function sayBoth(redirect: Redirect, before: Redirected, scope: Scope): Partial<Redirected> {
  const { target, descriptor, operator } = redirect;
  if (target === undefined) throw refuse(redirect, scope);
  const merged = { descriptors: `${before.descriptors} 2>&1` };
  if (operator === "&>") {
    if (before.stdout !== undefined) throw refuse(redirect, scope);
    return { ...merged, stdout: sayWord(target, scope) };
  }
  if (descriptor?.type === "FileDescriptor" && descriptor.value === 2 && target.value === "1") return merged;
  throw refuse(redirect, scope);
}

function readsOnce(
  stdin: readonly Stream[],
  before: Redirected,
  redirect: Redirection,
): Partial<Redirected> {
  if (before.stdin === undefined) return { stdin };
  throw new Unsayable(redirect.pos, "a second standard input");
}

function sayInput(redirect: Redirect, scope: Scope): readonly Stream[] {
  const { target } = redirect;
  if (target === undefined) throw refuse(redirect, scope);
  const [part] = target.parts ?? [];
  if (part?.type === "ProcessSubstitution" && target.parts?.length === 1 && part.operator === "<") {
    return sayNestedOutput(part, scope);
  }
  return sayFile(sayWord(target, scope), scope);
}

/** What stands in `<( )`, which writes no files of its own. */
export function sayNestedOutput(part: ProcessSubstitutionPart, scope: Scope): readonly Stream[] {
  const { stdout, targets } = scope.sayNested(part, { ...scope, stdin: [] });
  if (targets.size > 0) throw new Unsayable(part.pos, `files that "${part.operator}( )" writes`);
  return stdout.length > 0 ? stdout : textOf("", scope);
}

/** One spelling for `./a`, `b/../a` and `a`. */
export function pathOf(path: string): string {
  return path === "" ? path : posix.normalize(path);
}

/** What a command before has written into a file, whatever its name is made of. */
export function writtenAs(path: string, { written, findings }: Scope): readonly Stream[] | undefined {
  const plain = (said: string): string =>
    pathOf(
      said.replace(/\{param\.(\w+)\}/g, (same, name: string) => findings.params.get(name)?.default ?? same),
    );
  return [...written].find(([said]) => plain(said) === plain(path))?.[1];
}

/** A file that is read: what wrote it before, where that is known. */
export function sayFile(path: string, scope: Scope): readonly Stream[] {
  const written = writtenAs(path, scope);
  if (written !== undefined) return written;
  return [{ piece: newPiece(wishOf(path), { kind: "file", path }, eachOf(scope)) }];
}

function sayHereDoc(redirect: HereDoc, scope: Scope): readonly Stream[] {
  const { body, delimiter, descriptor } = redirect;
  if (descriptor !== undefined || redirect.operator === "<<-") throw refuse(redirect, scope);
  return textOf(
    delimiter?.quoted === true ? sayText(body.text, redirect, scope) : body.parts === undefined
      ? sayText(
        body.text.replace(/\\(\n|[\\$`])/g, (_, sign: string) => sign === "\n" ? "" : sign),
        redirect,
        scope,
      )
      : sayQuoted(body.parts, scope),
    scope,
  );
}

function sayText(text: string, { pos }: HereDoc, scope: Scope): string {
  if (isReplaced(text, scope)) throw new Unsayable(pos, "braces that a flow would replace");
  return text;
}

function textOf(text: string, scope: Scope): readonly Stream[] {
  return [{ piece: newPiece("text", { kind: "value", text }, eachOf(scope)) }];
}

function refuse(redirect: Redirection, { source }: Scope): Unsayable {
  return new Unsayable(redirect.pos, `"${source.slice(redirect.pos, redirect.end)}"`);
}
