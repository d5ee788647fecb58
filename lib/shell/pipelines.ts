/**
 * Commands that are joined by `|`.
 */
import type { CommandNode, Pipeline, PipelineNode } from "unbash";
import { addTargets, sayCommand, toTargets } from "./commands.ts";
import { leave } from "./leave.ts";
import type { Said, Stream } from "./piece.ts";
import { sayRedirects } from "./redirects.ts";
import { hasOption } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";

/** Says what stands in `( )`, `{ }` and loops. Throws Unsayable. */
export type SayCompound = (node: CommandNode, scope: Scope) => Said;

/** What cannot be said of it is left to a shell, command by command. */
export function sayPipeline(node: PipelineNode, scope: Scope, sayCompound: SayCompound): Said {
  const isStrict = hasOption(scope, "e");
  const last = { ...scope, hasAnswers: scope.hasAnswers && !isStrict };
  if (node.type !== "Pipeline") return sayElement({ node, scope: last, sayCompound, input: undefined });
  refusePrefixes(node);
  scope = { ...scope, isInner: true };
  const targets = new Map<string, readonly Stream[]>();
  let input: readonly Stream[] | undefined;
  for (const [at, command] of node.commands.entries()) {
    const isLast = at === node.commands.length - 1 || hasOption(scope, "pipefail");
    const element = { node: command, scope: isLast ? last : scope, sayCompound, input };
    const said = node.operators[at] === "|&" ? sayMerged(element) : sayElement(element);
    addTargets(targets, said.targets, command.pos);
    input = said.stdout;
  }
  return { stdout: input ?? [], targets };
}

function refusePrefixes({ prefixes }: Pipeline): void {
  const [prefix] = prefixes;
  if (prefix === undefined) return;
  throw new Unsayable(prefix.pos, prefix.type === "Time" ? `"time"` : `"!", which turns an exit code around`);
}

interface Element {
  readonly node: CommandNode;
  readonly scope: Scope;
  readonly sayCompound: SayCompound;
  readonly input: readonly Stream[] | undefined;
}

function sayElement({ node, scope, sayCompound, input }: Element): Said {
  const { notes } = scope.findings;
  const noted = notes.length;
  try {
    if (node.type === "Command") return sayCommand(node, scope, input);
    const inner = input === undefined ? scope : { ...scope, stdin: input };
    if (node.type !== "Redirected") return sayCompound(node, inner);
    return sayRedirected(node, inner, sayCompound);
  } catch (error) {
    if (!(error instanceof Unsayable) || node.type === "Function") throw error;
    notes.length = noted;
    const left = { pos: error.pos, text: error.message };
    const piece = leave({ nodes: [node], stdin: input, left }, scope);
    return { stdout: [{ piece }], targets: new Map() };
  }
}

function sayRedirected(
  node: Extract<CommandNode, { type: "Redirected" }>,
  scope: Scope,
  sayCompound: SayCompound,
): Said {
  const redirected = sayRedirects(node.redirects, scope);
  if (redirected.stderr !== undefined || redirected.descriptors !== "") {
    throw new Unsayable(node.redirects[0]?.pos ?? node.pos, "standard error of several commands");
  }
  const said = sayCompound(node.command, { ...scope, stdin: redirected.stdin ?? scope.stdin });
  return toTargets(said, redirected, node.pos);
}

/** `command |& next`: both descriptors in one pipe are for a shell. */
function sayMerged({ node, scope, input }: Element): Said {
  const text = `${scope.source.slice(node.pos, node.end)} 2>&1`;
  if (node.type === "Command" && node.redirects.length === 0) {
    const piece = leave({ nodes: [node], text, stdin: input }, scope);
    return { stdout: [{ piece }], targets: new Map() };
  }
  throw new Unsayable(node.pos, `"|&" of this command`);
}
