/** The cases that are one step smaller than a given one. Pure; whether they still fail is for `shrink.ts` to see. */
import type { FlowCase, PlainActor, PlainFlow, Streams } from "./flow_case.ts";
import { isStreams, listOf, portsOf } from "./flow_case.ts";
import { outputsOf } from "./reference.ts";

/** Numbers below are descriptors and the like. */
const HALVED_MIN = 16;
const LONG_LIST = 8;

/** Every case that is one step smaller, the large steps first. */
export function listSmaller(flowCase: FlowCase): readonly FlowCase[] {
  if (flowCase.written !== undefined) return []; // It would have to be the same in both.
  const flow = withOut(flowCase.flow);
  const names = Object.keys(flow.actors).reverse();
  const flows: PlainFlow[] = [
    flow,
    ...dropOutputs(flow),
    ...names.flatMap((name) => [...bypass(flow, name), plainValue(flow, name)]),
    ...names.flatMap((name) => [...dropPorts(flow, name), ...dropStreams(flow, name)]),
    ...names.flatMap((name) => change(flow, { name, to: halveNumbers })),
    ...names.flatMap((name) => [
      ...change(flow, {
        name,
        to: (actor) => actor.in === undefined ? actor : { run: ["cat"], in: actor.in },
      }),
      ...change(flow, { name, to: ({ merge: _, ...actor }) => actor }),
      ...change(flow, { name, to: ({ outputs: _, ...actor }) => actor }),
    ]),
    withoutKey(flow, "limits"),
    withoutKey(flow, "start"),
    withoutKey(flow, "aliases"),
  ].map(dropUnneeded);
  const files = Object.entries(flowCase.files);
  const cases: FlowCase[] = [
    ...flows.map((smaller) => ({ ...flowCase, flow: smaller })),
    ...files.map(([name, stream]) => ({ ...flowCase, files: { ...flowCase.files, [name]: halve(stream) } })),
    ...files.map(([name]) => ({
      ...flowCase,
      files: Object.fromEntries(files.filter(([other]) => other !== name)),
    })),
    { ...flowCase, stdin: "file" },
    { ...flowCase, stdout: "file" },
    { ...flowCase, runtime: "node" },
  ];
  const before = JSON.stringify(flowCase);
  return cases.filter((smaller) => JSON.stringify(smaller) !== before);
}

/** What the outputs are is said, so that it stays the same when actors go. */
function withOut(flow: PlainFlow): PlainFlow {
  return flow.out === undefined ? { ...flow, out: outputsOf(flow).get("-") ?? [] } : flow;
}

function dropOutputs(flow: PlainFlow): readonly PlainFlow[] {
  const { out } = flow;
  if (out === undefined) return [];
  if (isStreams(out)) return dropOne(listOf(out)).map((less) => ({ ...flow, out: less }));
  const entries = Object.entries(out);
  return [
    ...dropOne(entries).map((less) => ({ ...flow, out: Object.fromEntries(less) })),
    ...entries.flatMap(([target, list]) => {
      return dropOne(listOf(list)).map((less) => ({ ...flow, out: { ...out, [target]: less } }));
    }),
    ...(entries.length === 1 ? entries.map(([, list]) => ({ ...flow, out: list })) : []),
  ];
}

/** The flow without an actor: whoever read it reads one of its inputs. */
function bypass(flow: PlainFlow, name: string): readonly PlainFlow[] {
  const inputs = Object.values(portsOf(flow.actors[name] ?? {})).flat();
  return inputs.map((input) => {
    const replace = (stream: string): string =>
      stream === name || stream.startsWith(`${name}.`) ? input : stream;
    const replaced = mapStreams(flow, replace);
    return {
      ...replaced,
      actors: Object.fromEntries(Object.entries(replaced.actors).filter(([other]) => other !== name)),
    };
  });
}

/** The flow with an actor that is nothing but a short text. */
function plainValue(flow: PlainFlow, name: string): PlainFlow {
  if (flow.actors[name]?.value !== undefined) return flow;
  const replaced = mapStreams(flow, (stream) => stream.startsWith(`${name}.`) ? name : stream);
  return { ...replaced, actors: { ...replaced.actors, [name]: { value: "x\n" } } };
}

/** The flow with one input port less of an actor, and the words of its command that name it. */
function dropPorts(flow: PlainFlow, name: string): readonly PlainFlow[] {
  const actor = flow.actors[name];
  if (actor?.in === undefined || actor.run === undefined || isStreams(actor.in)) return [];
  const { in: input, run } = actor;
  return dropOne(Object.entries(input)).map((less) => {
    const dropped = Object.keys(input).find((port) => !less.some(([kept]) => kept === port));
    const words = run.filter((word) =>
      dropped === "stdin" ? word !== "-" : !word.includes(`{in.${dropped}}`)
    );
    const smaller: PlainActor = { ...actor, run: words, in: Object.fromEntries(less) };
    return { ...flow, actors: { ...flow.actors, [name]: smaller } };
  });
}

function dropStreams(flow: PlainFlow, name: string): readonly PlainFlow[] {
  const actor = flow.actors[name];
  if (actor === undefined) return [];
  return Object.entries(portsOf(actor)).flatMap(([port, list]) => {
    return dropOne(list).map((less) => {
      const input = actor.in === undefined || isStreams(actor.in) ? less : { ...actor.in, [port]: less };
      return { ...flow, actors: { ...flow.actors, [name]: { ...actor, in: input } } };
    });
  });
}

function change(
  flow: PlainFlow,
  { name, to }: { readonly name: string; readonly to: (actor: PlainActor) => PlainActor },
): readonly PlainFlow[] {
  const actor = flow.actors[name];
  return actor === undefined ? [] : [{ ...flow, actors: { ...flow.actors, [name]: to(actor) } }];
}

function halveNumbers(actor: PlainActor): PlainActor {
  const { run, sh, value } = actor;
  if (run !== undefined) return { ...actor, run: run.map(halve) };
  if (sh !== undefined) return { ...actor, sh: halve(sh) };
  return typeof value === "string" ? { ...actor, value: value.slice(0, Math.ceil(value.length / 2)) } : actor;
}

function halve(text: string): string {
  return text.replace(
    /\d+/g,
    (digits) => Number(digits) < HALVED_MIN ? digits : String(Math.floor(Number(digits) / 2)),
  );
}

function withoutKey(flow: PlainFlow, key: "limits" | "start" | "aliases"): PlainFlow {
  const { [key]: _, ...rest } = flow;
  return key === "aliases"
    ? { ...mapStreams(rest, (stream) => listOf(flow.aliases?.[stream] ?? stream)[0] ?? "") }
    : rest;
}

/** The flow without actors and ports that no output needs. */
function dropUnneeded(flow: PlainFlow): PlainFlow {
  if (flow.out === undefined) return flow;
  const needed = new Set<string>();
  const visit = (stream: string): void => {
    for (const name of listOf(flow.aliases?.[stream] ?? stream).map((each) => each.split(".")[0] ?? "")) {
      if (needed.has(name)) continue;
      needed.add(name);
      for (const list of Object.values(portsOf(flow.actors[name] ?? {}))) list.forEach(visit);
    }
  };
  (isStreams(flow.out) ? listOf(flow.out) : Object.values(flow.out).flatMap(listOf)).forEach(visit);
  return {
    ...flow,
    actors: Object.fromEntries(Object.entries(flow.actors).filter(([name]) => needed.has(name))),
  };
}

function mapStreams(flow: PlainFlow, replace: (stream: string) => string): PlainFlow {
  const map = (list: Streams): Streams => typeof list === "string" ? replace(list) : list.map(replace);
  const actors = Object.entries(flow.actors).map(([name, actor]): [string, PlainActor] => {
    const { in: input } = actor;
    if (input === undefined) return [name, actor];
    if (isStreams(input)) return [name, { ...actor, in: map(input) }];
    const ports = Object.entries(input).map(([port, given]) =>
      [port, isStreams(given) ? map(given) : { ...given, from: map(given.from) }] as const
    );
    return [name, { ...actor, in: Object.fromEntries(ports) }];
  });
  const aliases = Object.entries(flow.aliases ?? {}).map(([name, list]) => [name, map(list)] as const);
  return {
    ...flow,
    actors: Object.fromEntries(actors),
    ...(flow.aliases === undefined ? {} : { aliases: Object.fromEntries(aliases) }),
    ...(flow.out === undefined
      ? {}
      : { out: isStreams(flow.out) ? map(flow.out) : mapValues(flow.out, map) }),
  };
}

function mapValues<T>(object: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/** The list without each of its items in turn, a long one also without each half; never an empty one. */
function dropOne<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [];
  const middle = items.length / 2;
  const halves = items.length < LONG_LIST ? [] : [items.slice(0, middle), items.slice(middle)];
  return [...halves, ...items.map((_, index) => items.filter((__, other) => other !== index))];
}
