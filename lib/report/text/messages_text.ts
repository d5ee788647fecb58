/**
 * `sluice messages`: what each actor accepts, emits, publishes and subscribes, for people and for programs.
 */
import type { Flow } from "../../core/flow.ts";
import type { MessageType, Supervisor, Topic } from "../../core/messaging.ts";
import { unreachable } from "../../core/unreachable.ts";
import { describeActor } from "./actor_text.ts";
import { fieldsText } from "./fields_text.ts";
import { formatDuration } from "./format_duration.ts";
import { makePaint } from "./paint.ts";

/** What is told of an actor; `graph/list_messaging.ts` finds it. */
export interface ListedActor {
  readonly name: string;
  readonly command: string;
  readonly explain?: string;
  readonly kind: string;
  readonly delivery: string;
  /** JSON. */
  readonly args: unknown;
  readonly accepts: readonly MessageType[];
  readonly emits: readonly MessageType[];
  readonly subscribes: readonly Topic[];
  readonly publishes: readonly Topic[];
}

type Found = {
  readonly actor: Parameters<typeof describeActor>[0];
  readonly messaging: {
    readonly supervisor: Supervisor;
    readonly delivery: string;
    readonly args: string;
  };
} & Pick<ListedActor, "accepts" | "emits" | "subscribes" | "publishes">;

export function listedActor(
  { actor, messaging, accepts, emits, subscribes, publishes }: Found,
  flow: Flow,
): ListedActor {
  return {
    name: actor.name,
    ...actor.explain === undefined ? {} : { explain: actor.explain },
    command: describeActor(actor, flow),
    kind: describeSupervisor(messaging.supervisor),
    delivery: messaging.delivery,
    args: JSON.parse(messaging.args) as unknown,
    accepts,
    emits,
    subscribes,
    publishes,
  };
}

/** `one process`, `a pool of 4`, `one for each /account, in 4 processes`. */
function describeSupervisor(supervisor: Supervisor): string {
  switch (supervisor.type) {
    case "singleton":
      return "one process";
    case "pool":
      return `a pool of ${supervisor.size}`;
    case "keyed": {
      const { key, hosts, idleMs } = supervisor;
      const of = key === undefined
        ? "address"
        : `/${key.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
      const where = hosts === "each"
        ? "a process each"
        : `in ${hosts === 1 ? "one process" : `${hosts} processes`}`;
      const idle = idleMs === undefined ? "" : `, passive after ${formatDuration(idleMs)}`;
      return `an instance for each ${of}, ${where}${idle}`;
    }
    default:
      return unreachable(supervisor);
  }
}

/** One paragraph for each actor. */
export function* listMessageLines(
  actors: readonly ListedActor[],
  { color }: { readonly color: boolean },
): Iterable<string> {
  const paint = makePaint(color);
  for (const [index, actor] of actors.entries()) {
    if (index > 0) yield "";
    yield `${paint("bold", actor.name)}${actor.explain === undefined ? "" : `  ${actor.explain}`}`;
    yield `  ${actor.kind}, ${actor.delivery}: ${actor.command}`;
    if (actor.args !== null) yield `  Start ${JSON.stringify(actor.args)}`;
    yield* listTypeLines("accepts", { types: actor.accepts, sign: "←" });
    yield* listTypeLines("emits", { types: actor.emits, sign: "→" });
    for (const { topic, partners } of actor.subscribes) yield line(["subscribes", topic], "←", partners);
    for (const { topic, partners } of actor.publishes) yield line(["publishes", topic], "→", partners);
  }
}

function* listTypeLines(
  word: string,
  { types, sign }: { readonly types: readonly MessageType[]; readonly sign: string },
): Iterable<string> {
  for (const { type, fields, partners } of types) {
    yield line([word, type, ...fields === undefined ? [] : [fieldsText(fields)]], sign, partners);
  }
}

const WORD_WIDTH = 10;

function line([word = "", ...texts]: readonly string[], sign: string, partners: readonly string[]): string {
  const others = partners.length === 0 ? "" : `  ${sign} ${partners.join(", ")}`;
  return `  ${word.padEnd(WORD_WIDTH)} ${texts.join(" ")}${others}`;
}

/** Who talks to whom, a line each; none where nobody does. */
export function* listTalkLines(
  talks: readonly { readonly from: string; readonly to: string; readonly words: readonly string[] }[],
): Iterable<string> {
  if (talks.length > 0) yield "messages";
  for (const { from, to, words } of talks) yield `  ${from} → ${to}: ${words.join(", ")}`;
}
