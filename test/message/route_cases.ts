/**
 * What may become of a route in a handler: one table for the engine's rules and for the Unix-socket server, so that
 * both say the same. `went` is the route that went in, `came` what the handler gave back.
 */
export interface RouteCase {
  readonly name: string;
  readonly went: { readonly actors: readonly string[]; readonly current: number };
  readonly came: Readonly<Record<string, unknown>>;
  /** The complaint with strict rules, and with lenient ones where that differs. */
  readonly strict: string | null;
  readonly lenient?: string | null;
}

const abc = ["a", "b", "c"];

export function modified(had: string, starts: string, last: number): string {
  return `Route modification error: already-processed actors cannot be erased. Input route had ${had} ` +
    `(actors 0-${last}), but output route starts with ${starts}. ` +
    "Runtimes can add future actors but must preserve all actors up to current.";
}

export function mismatch(before: string, after: string): string {
  return `Route mismatch: input route points to ${before}, but output route points to ${after}. ` +
    "Actor cannot change its current position in the route.";
}

function came(route: unknown, more: Readonly<Record<string, unknown>> = {}): RouteCase["came"] {
  return { payload: 1, route, ...more };
}

/** The six examples of the fifth seed, in its order. */
export const seedCases: readonly RouteCase[] = [
  {
    name: "adds actors ahead",
    went: { actors: abc, current: 1 },
    came: came({ actors: ["a", "b", "c", "d", "e"], current: 1 }),
    strict: null,
  },
  {
    name: "replaces actors ahead",
    went: { actors: abc, current: 0 },
    came: came({ actors: ["a", "x", "y"], current: 0 }),
    strict: null,
  },
  {
    name: "changes nothing",
    went: { actors: ["a", "b"], current: 0 },
    came: came({ actors: ["a", "b"], current: 0 }),
    strict: null,
  },
  {
    name: "erases what is done",
    went: { actors: abc, current: 2 },
    came: came({ actors: ["c", "d"], current: 0 }),
    strict: modified("['a', 'b', 'c']", "['c', 'd']", 2),
  },
  {
    name: "renames what is done",
    went: { actors: abc, current: 1 },
    came: came({ actors: ["a-new", "b", "c"], current: 1 }),
    strict: modified("['a', 'b']", "['a-new', 'b']", 1),
  },
  {
    name: "moves to another actor",
    went: { actors: abc, current: 0 },
    came: came({ actors: abc, current: 1 }),
    strict: mismatch("'a'", "'b'"),
    lenient: null,
  },
];

/** Sixteen more: every other way in which a route can differ. */
export const routeCases: readonly RouteCase[] = [
  ...seedCases,
  {
    name: "drops all that lies ahead",
    went: { actors: abc, current: 0 },
    came: came({ actors: ["a"], current: 0 }),
    strict: null,
  },
  {
    name: "adds actors at the last one",
    went: { actors: abc, current: 2 },
    came: came({ actors: ["a", "b", "c", "cleanup"], current: 2 }),
    strict: null,
  },
  {
    name: "adds itself ahead",
    went: { actors: ["a"], current: 0 },
    came: came({ actors: ["a", "a"], current: 0 }),
    strict: null,
  },
  {
    name: "renames itself",
    went: { actors: abc, current: 1 },
    came: came({ actors: ["a", "x", "c"], current: 1 }),
    strict: modified("['a', 'b']", "['a', 'x']", 1),
  },
  {
    name: "erases itself",
    went: { actors: abc, current: 2 },
    came: came({ actors: ["a", "b"], current: 1 }),
    strict: modified("['a', 'b', 'c']", "['a', 'b']", 2),
  },
  {
    name: "turns what is done round",
    went: { actors: abc, current: 1 },
    came: came({ actors: ["b", "a", "c"], current: 1 }),
    strict: modified("['a', 'b']", "['b', 'a']", 1),
  },
  {
    name: "puts an actor before itself",
    went: { actors: abc, current: 1 },
    came: came({ actors: ["a", "x", "b", "c"], current: 2 }),
    strict: modified("['a', 'b']", "['a', 'x']", 1),
  },
  {
    name: "moves back",
    went: { actors: abc, current: 2 },
    came: came({ actors: abc, current: 1 }),
    strict: mismatch("'c'", "'b'"),
    lenient: null,
  },
  {
    name: "moves to the end",
    went: { actors: abc, current: 2 },
    came: came({ actors: abc, current: 3 }),
    strict: mismatch("'c'", "its end"),
    lenient: null,
  },
  {
    name: "moves to another place of the same name",
    went: { actors: ["a", "b", "a"], current: 0 },
    came: came({ actors: ["a", "b", "a"], current: 2 }),
    strict: mismatch("'a' at position 0", "'a' at position 2"),
    lenient: null,
  },
  {
    name: "does not say where it is",
    went: { actors: abc, current: 1 },
    came: came({ actors: abc }),
    strict: mismatch("'b'", "'a'"),
    lenient: null,
  },
  {
    name: "does not say that it is at the beginning",
    went: { actors: abc, current: 0 },
    came: came({ actors: abc }),
    strict: null,
  },
  {
    name: "was at the end and stays there",
    went: { actors: abc, current: 3 },
    came: came({ actors: abc, current: 3 }),
    strict: null,
  },
  {
    name: "was at the end and adds an actor",
    went: { actors: ["a"], current: 1 },
    came: came({ actors: ["a", "b"], current: 1 }),
    strict: mismatch("its end", "'b'"),
    lenient: null,
  },
  {
    name: "has a name with a quote",
    went: { actors: ["it's"], current: 0 },
    came: came({ actors: ["its"], current: 0 }),
    strict: modified(`["it's"]`, "['its']", 0),
  },
  {
    name: "keeps metadata",
    went: { actors: abc, current: 1 },
    came: came({ actors: abc, current: 1, metadata: { a: 1 } }),
    strict: null,
  },
];

/** What is wrong with an envelope by itself, in the order in which it is found. */
export const shapeCases: readonly { readonly came: unknown; readonly complaint: string }[] = [
  { came: 3, complaint: "Envelope must be a dict, not number" },
  { came: "text", complaint: "Envelope must be a dict, not string" },
  { came: true, complaint: "Envelope must be a dict, not boolean" },
  { came: {}, complaint: "Missing required field 'payload' in envelope" },
  { came: { payload: null }, complaint: "Missing required field 'route' in envelope" },
  { came: came(null), complaint: "Field 'route' must be a dict" },
  { came: came([]), complaint: "Field 'route' must be a dict" },
  { came: came({}), complaint: "Missing required field 'actors' in route" },
  { came: came({ actors: "a" }), complaint: "Field 'route.actors' must be a list" },
  { came: came({ actors: {}, current: "x" }), complaint: "Field 'route.actors' must be a list" },
  { came: came({ actors: [], current: "0" }), complaint: "Field 'route.current' must be an integer" },
  { came: came({ actors: ["a"], current: null }), complaint: "Field 'route.current' must be an integer" },
  { came: came({ actors: ["a"], current: true }), complaint: "Field 'route.current' must be an integer" },
  { came: came({ actors: ["a"], current: 0.5 }), complaint: "Field 'route.current' must be an integer" },
  { came: came({ actors: [], current: 0 }), complaint: "Field 'route.actors' cannot be empty" },
  {
    came: came({ actors: ["a", 2], current: 0 }),
    complaint: "Field 'route.actors[1]' must be a string, not empty",
  },
  {
    came: came({ actors: ["a", ""], current: 9 }),
    complaint: "Field 'route.actors[1]' must be a string, not empty",
  },
  {
    came: came({ actors: ["a"], current: 2 }, { headers: [] }),
    complaint: "Invalid route.current=2: out of bounds for actors of length 1",
  },
  {
    came: came({ actors: ["a"], current: -1 }),
    complaint: "Invalid route.current=-1: out of bounds for actors of length 1",
  },
  {
    came: came({ actors: ["x"], current: 0 }, { headers: "h", id: 3 }),
    complaint: "Field 'headers' must be a dict",
  },
  { came: came({ actors: ["x"], current: 0 }, { id: 3 }), complaint: modified("['a']", "['x']", 0) },
  { came: came({ actors: ["a"], current: 1 }, { id: 3 }), complaint: mismatch("'a'", "its end") },
  { came: came({ actors: ["a"], current: 0 }, { id: 3 }), complaint: "Field 'id' must be a string" },
];
