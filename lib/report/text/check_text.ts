/**
 * What `check` prints: each edge, how it is carried and why, and what a shell would hang on.
 */
import type { Flow } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import type { Edge, EdgeTarget, Plan } from "../../core/plan.ts";
import { outputName, targetName } from "./actor_text.ts";
import { collapsePlan, countText } from "./collapse.ts";
import { listUnneeded } from "./list_unneeded.ts";
import { makePaint } from "./paint.ts";
import { makeOneLine } from "./make_harmless.ts";

const EDGES_SHOWN_MAX = 200;
const HAZARDS_SHOWN_MAX = 20;
const UNNEEDED_SHOWN_MAX = 10;

/** A ring of waiting that would close with plain pipes, as `findHazards` of `lib/graph` finds it. */
export interface HazardShown {
  readonly to: EdgeTarget;
  readonly empty: Edge;
  readonly full: Edge;
  readonly paths: readonly { readonly state: "empty" | "full"; readonly edges: readonly Edge[] }[];
}

export interface UnacceptedShown {
  readonly messageType: string;
  readonly emittedBy: readonly string[];
  readonly accepted: readonly string[];
}

export function formatCheck(
  plan: Plan,
  { hazards, isComplete, unaccepted = [], uncached, outputs = [], isExpanded = false, color }: {
    readonly hazards: readonly HazardShown[];
    /** False when not every join was looked at. */
    readonly isComplete: boolean;
    /** Message types that nobody accepts, as `findUnaccepted` of `lib/graph` finds them. */
    readonly unaccepted?: readonly UnacceptedShown[];
    /** Actors that cannot be cached on this machine. */
    readonly uncached?: { readonly actors: readonly string[]; readonly reason: string };
    /** How each output is written, where that is not by a file that appears whole. */
    readonly outputs?: readonly { readonly target: string; readonly written: string | undefined }[];
    /** True: a line for each instance of an actor, not one for all. */
    readonly isExpanded?: boolean;
    readonly color: boolean;
  },
): string {
  const { flow } = plan;
  const paint = makePaint(color);
  const { plan: collapsed, counts } = isExpanded
    ? { plan, counts: new Map<string, number>() }
    : collapsePlan(plan);
  const shown = collapsed.edges.slice(0, EDGES_SHOWN_MAX);
  const rows = shown.map(({ from, to, carrier, reason }): EdgeRow => [
    streamName(from) + countText(from.actor, counts),
    targetName(to, flow) + countText(to.kind === "actor" ? to.actor : to.target, counts),
    carrier,
    reason,
  ]);
  for (const { actor: { name }, files } of plan.splits) {
    for (const { target } of files) {
      rows.push([name, outputName(target, flow), "relay", "a file for each key"]);
    }
  }
  const lines = [
    paint(
      "bold",
      `${makeOneLine(flow.name)}: ${count(plan.actors.length, "actor")}, ${count(plan.edges.length, "edge")}`,
    ),
    ...summary(plan),
    ...formatRows(rows, paint),
  ];
  if (collapsed.edges.length > shown.length) {
    lines.push(`  … and ${collapsed.edges.length - shown.length} more`);
  }
  lines.push(...describeHazards(hazards, { flow, paint, isComplete }), ...describeUnneeded(plan, paint));
  for (const { target, written } of outputs) {
    if (written !== undefined) lines.push(`${target} is written ${written}`);
  }
  for (const name of flow.unusedSets) {
    const what = 'no actor has it in "each", and no file name of "out" names it';
    lines.push(paint("yellow", `Set "${name}" is not used: ${what}`));
  }
  lines.push(...unaccepted.map((one) => paint("yellow", describeUnaccepted(one))));
  if (uncached !== undefined && uncached.actors.length > 0) {
    const who = uncached.actors.map((name) => `"${name}"`).join(", ");
    lines.push(paint("yellow", `Cannot cache ${who}: ${uncached.reason}`));
  }
  return `${lines.join("\n")}\n`;
}

/** From where, to where, by what, and why. */
type EdgeRow = readonly [from: string, to: string, carrier: string, reason: string];

function formatRows(rows: readonly EdgeRow[], paint: ReturnType<typeof makePaint>): readonly string[] {
  const width = (column: 0 | 1): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [from, to] = [width(0), width(1)];
  return rows.map((row) =>
    `  ${row[0].padEnd(from)} → ${row[1].padEnd(to)}  ${row[2].padEnd(10)}  ${paint("gray", row[3])}`
  );
}

function describeUnaccepted({ messageType, emittedBy, accepted }: UnacceptedShown): string {
  const who = emittedBy.map((name) => `"${name}"`).join(", ");
  const known = accepted.length === 0 ? "no actor says what it accepts" : `accepted: ${accepted.join(", ")}`;
  return `Nobody accepts message type "${messageType}", which ${who} ${
    emittedBy.length > 1 ? "emit" : "emits"
  } (${known})`;
}

function describeHazards(
  hazards: readonly HazardShown[],
  { flow, paint, isComplete }: {
    readonly flow: Flow;
    readonly paint: ReturnType<typeof makePaint>;
    readonly isComplete: boolean;
  },
): readonly string[] {
  if (hazards.length === 0) {
    return [
      isComplete ? "No join would hang with plain pipes." : "The graph is too large to look at every join.",
    ];
  }
  const shown = hazards.slice(0, HAZARDS_SHOWN_MAX);
  const many = `${isComplete ? "" : "at least "}${count(hazards.length, "join")}`;
  return [
    paint("yellow", `With plain pipes ${many} would hang; here the engine carries these edges:`),
    ...shown.flatMap((hazard) => describeHazard(hazard, flow)),
    ...(hazards.length > shown.length ? [`  … and ${hazards.length - shown.length} more`] : []),
  ];
}

function describeHazard({ to, empty, full, paths }: HazardShown, flow: Flow): readonly string[] {
  const isOneInput = to.kind === "output" || full.to.kind === "output" || to.port === full.to.port;
  const waits = isOneInput
    ? `reads ${streamName(empty.from)} to its end before ${streamName(full.from)}`
    : `may wait for ${streamName(empty.from)} while it does not read ${targetName(full.to, flow)}`;
  return [
    `  ${targetName(to, flow)} ${waits}:`,
    ...paths.map(({ state, edges }) =>
      `    ${state === "full" ? "fills up   " : "stays empty"}  ${showPath(edges, flow)}`
    ),
  ];
}

function showPath(edges: readonly Edge[], flow: Flow): string {
  const last = edges.at(-1);
  const names = edges.map(({ from }) => streamName(from));
  return [...names, ...(last === undefined ? [] : [targetName(last.to, flow)])].join(" → ");
}

function summary(plan: Plan): readonly string[] {
  if (plan.edges.length <= EDGES_SHOWN_MAX) return [];
  const carriers = ["pipe", "descriptor", "relay"] as const;
  const counts = carriers.map((carrier) =>
    `${plan.edges.filter((edge) => edge.carrier === carrier).length} ${carrier}`
  );
  return [`  carried by: ${counts.join(", ")}`];
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function describeUnneeded(plan: Plan, paint: ReturnType<typeof makePaint>): readonly string[] {
  const names = listUnneeded(plan).map((name) => makeOneLine(name));
  if (names.length === 0) return [];
  const more = names.length > UNNEEDED_SHOWN_MAX ? ` and ${names.length - UNNEEDED_SHOWN_MAX} more` : "";
  const shown = names.slice(0, UNNEEDED_SHOWN_MAX).join(", ");
  return [paint("yellow", `Not started, because nothing in "out" needs them: ${shown}${more}`)];
}
