/**
 * Some actors of a case in a flow of their own, which the flow of the case uses: once, or once for each member of the
 * sets that they are over; in some it fails at first and is run again as a whole. The reference knows nothing of it.
 */
import {
  type FlowCase,
  isStreams,
  listOf,
  type PlainActor,
  type PlainFlow,
  type PlainInput,
  portsOf,
  type Streams,
  type WrittenActor,
} from "./flow_case.ts";
import { makeRandom, type Random } from "./prng.ts";
import { outputsOf } from "./reference.ts";

/** One case in so many uses a flow. */
const RARITY = 4;
const FILE = "used.json";
const NAME = "u0";
/** Fails when it is run for the first time, early or when it has read its input. */
const FAILING =
  'cat > /dev/null; t="$TMPDIR/tries-$SLUICE_PARAM_KEY"; echo >> "$t"; [ "$(wc -l < "$t")" -ge 2 ]';

type Written = PlainFlow & { readonly sets?: Readonly<Record<string, object>> };

/** The case itself, or in some the same with a flow in its flow. `isWanted`: in this one; drawn if undefined. */
export function addUses(flowCase: FlowCase, isWanted?: boolean): FlowCase {
  const random = makeRandom(flowCase.seed, "uses");
  const isDrawn = random.chance(1 / RARITY);
  if (!(isWanted ?? isDrawn)) return flowCase;
  const whole = withOutput(flowCase);
  const chosen = whole === undefined ? [] : choose(whole, random);
  if (whole === undefined || chosen.length === 0) return flowCase;
  const fold = new Fold(whole, { random, chosen });
  const written = fold.outer();
  const used = { [FILE]: fold.inner() };
  return fold.isOfUse && !fold.mayReadNothing ? { ...flowCase, written, used } : flowCase;
}

/** What it writes is said: nobody reads the streams of the flow inside by default. */
function withOutput({ flow, written }: FlowCase): Written | undefined {
  const base: Written = written ?? flow;
  if (base.out !== undefined || base.aliases?.[".end"] !== undefined) return base;
  if (written !== undefined) return undefined;
  const standard = outputsOf(flow).get("-") ?? [];
  return standard.length === 0 ? undefined : { ...base, out: { "-": standard } };
}

/** Actors over the same sets, or over none. */
function choose({ actors }: Written, random: Random): readonly string[] {
  const all = Object.entries(actors).filter(([, actor]) =>
    actor.stdin !== true && !JSON.stringify(actor).includes("SLUICE_ACTOR")
  );
  if (all.length === 0) return [];
  const overSets = all.filter(([, actor]) => eachOf(actor).length > 0);
  const [, like] = random.pick(overSets.length > 0 && random.chance(0.7) ? overSets : all);
  const same = all.filter(([, actor]) => eachOf(actor).join() === eachOf(like).join());
  return random.shuffle(same.map(([name]) => name)).slice(0, random.int(1, 5));
}

function eachOf({ each }: WrittenActor): readonly string[] {
  return each === undefined ? [] : listOf(each);
}

class Fold {
  readonly #flow: Written;
  readonly #inside: ReadonlySet<string>;
  readonly #each: readonly string[];
  readonly #random: Random;
  /** Streams from outside to the inputs that they are inside, and streams from inside to the ports that they are outside. */
  readonly #inputs = new Map<string, string>();
  readonly #ports = new Map<string, string>();
  readonly #params = new Map<string, string>();
  readonly #isTried: boolean;

  constructor(
    flow: Written,
    { random, chosen }: { readonly random: Random; readonly chosen: readonly string[] },
  ) {
    this.#flow = flow;
    this.#random = random;
    this.#inside = new Set(chosen);
    const [first = ""] = chosen;
    this.#each = eachOf(flow.actors[first] ?? {});
    const streams = [
      ...Object.entries(flow.actors).filter(([name]) => !this.#inside.has(name))
        .flatMap(([, actor]) => Object.values(portsOf(actor)).flat()),
      ...Object.values(flow.aliases ?? {}).flatMap(listOf),
      ...flow.out === undefined
        ? []
        : isStreams(flow.out)
        ? listOf(flow.out)
        : Object.values(flow.out).flatMap(listOf),
    ];
    for (const stream of new Set(streams)) {
      if (this.#isInside(stream)) this.#ports.set(stream, `p${this.#ports.size}`);
    }
    const bodies = chosen.map((name) => flow.actors[name] ?? {});
    const canBeTried = bodies.every(({ workers, cache }) => workers === undefined && cache === undefined);
    this.#isTried = canBeTried && !this.#comesBack() && random.chance(0.6);
    this.#params.set("key", [NAME, ...this.#each.map((set) => `{${set}.index}`)].join("-"));
  }

  get isOfUse(): boolean {
    return this.#ports.size > 0;
  }

  /** True when an input is what actors over a set write that may have no members: an input needs somebody who writes it. */
  get mayReadNothing(): boolean {
    const { actors, aliases = {}, sets = {} } = this.#flow;
    const isOptional = (set: string): boolean => "optional" in (sets[set] ?? {});
    return [...this.#inputs.keys()].flatMap((name) => listOf(aliases[name] ?? name)).some((stream) =>
      eachOf(actors[stream.split(".")[0] ?? ""] ?? {}).some(isOptional)
    );
  }

  inner(): PlainFlow {
    const actors = Object.entries(this.#flow.actors).filter(([name]) => this.#inside.has(name))
      .map(([name, actor]): [string, object] => [name, this.#innerActor(actor)]);
    const some = [...this.#inside].filter((name) => this.#flow.actors[name] !== undefined);
    if (this.#isTried && this.#random.chance(0.8)) {
      const input = this.#random.chance(0.7) ? { in: this.#random.pick(some) } : {};
      actors.push(["failing", { sh: FAILING, ...input }]);
    }
    const inputs = [...this.#inputs.values()].map((name): [string, object] => [name, { input: name }]);
    const [out, ...ports] = [...this.#ports];
    const flow = {
      params: Object.fromEntries([...this.#params.keys()].map((name) => [name, {}])),
      actors: Object.fromEntries([...inputs, ...this.#random.shuffle(actors)]),
      out: out?.[0] ?? "",
      ports: Object.fromEntries(ports.map(([stream, port]) => [port, stream])),
    };
    return flow as PlainFlow; // With the keys that only a flow which is used has.
  }

  /** To be called first: it finds out what the flow inside is given. */
  outer(): NonNullable<FlowCase["written"]> {
    for (const name of this.#inside) this.#innerActor(this.#flow.actors[name] ?? {});
    const { actors, aliases, out, sets = {} } = this.#flow;
    const given = Object.fromEntries(
      [...this.#inputs].map(([stream, input]) => [input, this.#outerName(stream)]),
    );
    const use = {
      use: FILE,
      ...(this.#inputs.size === 0 ? {} : { in: given }),
      with: Object.fromEntries(this.#params),
      ...(this.#each.length === 0 ? {} : { each: this.#each }),
      ...(this.#isTried ? { retry: { max: 2, backoff: this.#random.pick(["0ms", "20ms"]) } } : {}),
    };
    const others = Object.entries(actors).filter(([name]) => !this.#inside.has(name))
      .map(([name, actor]): [string, object] => [name, mapInput(actor, (stream) => this.#outerName(stream))]);
    const map = (streams: Streams): Streams =>
      typeof streams === "string"
        ? this.#outerName(streams)
        : streams.map((stream) => this.#outerName(stream));
    const mapAll = (all: Readonly<Record<string, Streams>>): Record<string, Streams> =>
      Object.fromEntries(Object.entries(all).map(([name, streams]) => [name, map(streams)]));
    return {
      ...this.#flow,
      sets,
      // The flow that is used is an actor of it.
      actors: Object.fromEntries(
        this.#random.shuffle([...others, [NAME, use] as [string, object]]),
      ) as Record<
        string,
        PlainActor
      >,
      ...(aliases === undefined ? {} : { aliases: mapAll(aliases) }),
      ...(out === undefined ? {} : { out: isStreams(out) ? map(out) : mapAll(out) }),
    };
  }

  #isInside(stream: string): boolean {
    return this.#inside.has(stream.split(".")[0] ?? "");
  }

  #outerName(stream: string): string {
    const port = this.#ports.get(stream);
    if (port === undefined) return stream;
    return port === "p0" ? NAME : `${NAME}.${port}`;
  }

  /** True when something that is made of what it writes is given to it. */
  #comesBack(): boolean {
    const readers = new Set(this.#inside);
    for (let size = 0; size !== readers.size;) {
      size = readers.size;
      for (const [name, actor] of Object.entries(this.#flow.actors)) {
        const isReader = this.#streamsOf(actor).some((stream) => readers.has(stream.split(".")[0] ?? ""));
        if (isReader) readers.add(name);
      }
    }
    return [...this.#inside].some((name) =>
      this.#streamsOf(this.#flow.actors[name] ?? {}).some((stream) =>
        !this.#isInside(stream) && readers.has(stream.split(".")[0] ?? "")
      )
    );
  }

  #streamsOf(actor: PlainActor): readonly string[] {
    return Object.values(portsOf(actor)).flat().flatMap((name) => listOf(this.#flow.aliases?.[name] ?? name));
  }

  #innerActor(actor: WrittenActor): object {
    const { each: _, ...plain } = actor;
    const named = mapInput(plain, (stream) => this.#innerName(stream), this.#flow.aliases);
    return this.#withParams(named);
  }

  #innerName(stream: string): string {
    if (this.#isInside(stream)) return stream;
    const known = this.#inputs.get(stream) ?? `i${this.#inputs.size}`;
    this.#inputs.set(stream, known);
    return known;
  }

  /** What a member is, it knows by its parameters. */
  #withParams(actor: object): object {
    const fill = (text: string): string =>
      text.replaceAll(/\{(s\d+(?:\.\w+)?)\}/g, (_, field: string) => `{param.${this.#paramOf(field)}}`)
        .replaceAll(
          /\$SLUICE_EACH_(S\d+)(?:_([A-Z]+))?/g,
          (_, set: string, field?: string) =>
            `$SLUICE_PARAM_${
              this.#paramOf([set, ...field === undefined ? [] : [field]].join(".").toLowerCase())
                .toUpperCase()
            }`,
        );
    const { run, sh, value, file, ...rest } = actor as PlainActor;
    return {
      ...rest,
      ...(run === undefined ? {} : { run: run.map(fill) }),
      ...(sh === undefined ? {} : { sh: fill(sh) }),
      ...(value === undefined ? {} : { value: typeof value === "string" ? fill(value) : value }),
      ...(file === undefined ? {} : { file: fill(file) }),
    };
  }

  #paramOf(field: string): string {
    const name = field.replace(".", "_");
    this.#params.set(name, `{${field}}`);
    return name;
  }
}

/** An actor with other names for what it reads; aliases are written out where those of the flow are not known. */
function mapInput(
  actor: PlainActor,
  map: (stream: string) => string,
  aliases: PlainFlow["aliases"] = {},
): PlainActor {
  const { in: input } = actor;
  if (input === undefined) return actor;
  const mapStreams = (streams: Streams): readonly string[] =>
    listOf(streams).flatMap((stream) => listOf(aliases[stream] ?? stream)).map(map);
  if (isStreams(input)) return { ...actor, in: mapStreams(input) };
  const ports = Object.entries(input).map(([port, given]): [string, PlainInput] => [
    port,
    isStreams(given) ? mapStreams(given) : { ...given, from: mapStreams(given.from) },
  ]);
  return { ...actor, in: Object.fromEntries(ports) };
}
