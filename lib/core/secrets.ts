/**
 * Secrets in what the engine writes: wherever one of their values would be seen, there is `***`.
 */
import type { Actor, ActorSource, Flow } from "./flow.ts";
import type { Plan } from "./plan.ts";

/** What is shown instead. */
export const HIDDEN = "***";

/** A line of a secret of several lines is one by itself: standard error is told by lines. Short ones are no secret. */
const LINE_LENGTH_MIN = 4;

/**
 * The engine's own words, the names of keys and the values of these, keep shorter secrets that happen to be a part of
 * them: `t***pe` tells nobody anything, and nothing what it is.
 */
const WORD_LENGTH_MIN = 8;
const TAGS = new Set(["type", "kind", "state"]);
const WORD = /^[A-Za-z][\w-]*$/;

/** Gives back a value whose texts, at any depth, have no secret in them: the value itself where there are none. */
export type Hide = <Value>(value: Value) => Value;

/** Hides the secrets of a flow; `shownFor` says what is there instead. */
export function makeHide(
  { secrets }: Pick<Flow, "secrets">,
  shownFor: (secret: string) => string = () => HIDDEN,
): Hide {
  if (secrets.length === 0) return (value) => value;
  // A secret that is a part of another one would leave the rest of that.
  const shown = new Map(secrets.flatMap((secret) => {
    const instead = shownFor(secret);
    return listTexts(secret).map((text): [string, string] => [text, instead]);
  }));
  const pairs = [...shown].sort(([a], [b]) => b.length - a.length);
  const long = pairs.filter(([secret]) => secret.length >= WORD_LENGTH_MIN);
  const replaceAll = (text: string, all: typeof pairs): string =>
    all.reduce((left, [secret, instead]) => left.replaceAll(secret, () => instead), text);
  const texts: Texts = {
    text: (text) => replaceAll(text, pairs),
    word: (text) => replaceAll(text, WORD.test(text) ? long : pairs),
  };
  return (value) => hideIn(value, texts);
}

/** How secrets are hidden in a text, and in a word of the engine's own. */
interface Texts {
  readonly text: (text: string) => string;
  readonly word: (text: string) => string;
}

/** As it is, as it is in JSON, and its lines. */
function listTexts(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE_LENGTH_MIN);
  return [secret, JSON.stringify(secret).slice(1, -1), ...lines].filter((text) => text !== "");
}

/** Plain data only is looked into; what is something else holds no text for people. */
function hideIn<Value>(value: Value, texts: Texts): Value {
  // Each branch gives back what it was given, with other texts.
  if (typeof value === "string") return texts.text(value) as Value;
  if (Array.isArray(value)) return value.map((each) => hideIn<unknown>(each, texts)) as Value;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      texts.word(key),
      TAGS.has(key) && typeof each === "string" ? texts.word(each) : hideIn<unknown>(each, texts),
    ]),
  ) as Value;
}

/** The same plan, to be shown and not to be run. */
export function hidePlan(plan: Plan): Plan {
  if (plan.flow.secrets.length === 0) return plan;
  const hide = makeHide(plan.flow);
  const hideActor = (actor: Actor): Actor => ({ ...actor, source: hideSource(actor.source, hide) });
  const actors = new Map([...plan.flow.actors].map(([name, actor]) => [name, hideActor(actor)]));
  return { ...plan, flow: { ...plan.flow, actors }, actors: plan.actors.map(hideActor) };
}

function hideSource(source: ActorSource, hide: Hide): ActorSource {
  if (source.kind !== "value") return hide(source);
  return { ...source, bytes: new TextEncoder().encode(hide(new TextDecoder().decode(source.bytes))) };
}
