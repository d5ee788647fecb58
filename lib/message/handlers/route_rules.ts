/**
 * What an envelope that comes out of a handler has to be, and what its route may differ in from the one that went
 * in. The caller compares with a copy of its own: a handler that changes what it was given changes nothing here.
 * Texts and their order are those of the fifth seed.
 */
import type { RouteChecks } from "../../core/messaging.ts";
import type { Route } from "./route.ts";

/** An envelope as a handler gives it back. */
export interface HandlerEnvelope {
  readonly payload: unknown;
  readonly route: Route;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly id?: string;
}

/** A checked value, or what is wrong with it. */
export type Checked<T> = { readonly ok: true; readonly value: T } | {
  readonly ok: false;
  readonly message: string;
};

/** The route that went in, if the envelope came out of a handler, and how strictly the two are compared. */
export interface EnvelopeRules {
  readonly input?: Route;
  readonly checks: RouteChecks;
}

/** Checks one envelope: its shape, then its route against the one that went in. */
export function checkEnvelope(value: unknown, rules: EnvelopeRules): Checked<HandlerEnvelope> {
  if (!isObject(value)) return wrong(`Envelope must be a dict, not ${kindOf(value)}`);
  if (!("payload" in value)) return wrong("Missing required field 'payload' in envelope");
  if (!("route" in value)) return wrong("Missing required field 'route' in envelope");
  const route = checkRoute(value["route"]);
  if (!route.ok) return route;
  const { headers, id, payload } = value;
  if (headers !== undefined && headers !== null && !isObject(headers)) {
    return wrong("Field 'headers' must be a dict");
  }
  const broken = rules.input === undefined ? undefined : brokenRule(route.value, rules.input, rules.checks);
  if (broken !== undefined) return wrong(broken);
  if (id !== undefined && id !== null && typeof id !== "string") {
    return wrong("Field 'id' must be a string");
  }
  return {
    ok: true,
    value: {
      payload,
      route: route.value,
      ...(isObject(headers) && { headers }),
      ...(typeof id === "string" && { id }),
    },
  };
}

/** Checks the shape of a route. Whoever does not say where it is, is at its beginning. */
export function checkRoute(value: unknown): Checked<Route> {
  if (!isObject(value)) return wrong("Field 'route' must be a dict");
  if (!("actors" in value)) return wrong("Missing required field 'actors' in route");
  const { actors, metadata } = value;
  const current = "current" in value ? value["current"] : 0;
  if (!Array.isArray(actors)) return wrong("Field 'route.actors' must be a list");
  if (typeof current !== "number" || !Number.isInteger(current)) {
    return wrong("Field 'route.current' must be an integer");
  }
  if (actors.length === 0) return wrong("Field 'route.actors' cannot be empty");
  const other = actors.findIndex((actor) => typeof actor !== "string" || actor === "");
  if (other !== -1) return wrong(`Field 'route.actors[${other}]' must be a string, not empty`);
  if (current < 0 || current > actors.length) {
    return wrong(`Invalid route.current=${current}: out of bounds for actors of length ${actors.length}`);
  }
  return { ok: true, value: { actors, current, ...(metadata !== undefined && { metadata }) } };
}

/** The rule that an output route breaks, in words; undefined if none. */
export function brokenRule(output: Route, input: Route, checks: RouteChecks): string | undefined {
  if (checks === "none") return undefined;
  const done = input.actors.slice(0, input.current + 1);
  const kept = output.actors.slice(0, input.current + 1);
  if (done.length > kept.length || done.some((actor, at) => actor !== kept[at])) {
    return "Route modification error: already-processed actors cannot be erased. " +
      `Input route had ${listOf(done)} (actors 0-${done.length - 1}), ` +
      `but output route starts with ${listOf(kept)}. ` +
      "Runtimes can add future actors but must preserve all actors up to current.";
  }
  if (checks === "lenient") return undefined;
  const before = pointOf(input);
  const after = pointOf(output);
  if (before === after && input.current === output.current) return undefined;
  const places = before !== after
    ? ["", ""]
    : [input, output].map(({ current }) => ` at position ${current}`);
  return `Route mismatch: input route points to ${before}${places[0]}, ` +
    `but output route points to ${after}${places[1]}. ` +
    "Actor cannot change its current position in the route.";
}

function pointOf({ actors, current }: Route): string {
  const actor = actors[current];
  return actor === undefined ? "its end" : quote(actor);
}

function listOf(names: readonly string[]): string {
  return `[${names.map(quote).join(", ")}]`;
}

/** As Python writes a string. */
function quote(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  if (!escaped.includes("'")) return `'${escaped}'`;
  return escaped.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}

function wrong(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
