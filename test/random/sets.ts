/**
 * Random actors over sets beside those of a case. What their instances are, and who reads which, is worked out here by
 * what `docs/sets.md` says, for the reference; the engine gets the flow as a user would write it.
 */
import {
  type FlowCase,
  isStreams,
  listOf,
  type PlainActor,
  type PlainFlow,
  type PlainInput,
  type WrittenActor,
} from "./flow_case.ts";
import { makeRandom, type Random } from "./prng.ts";
import { outputsOf } from "./reference.ts";
import { type DrawnSet, drawSet, listMembers, type Members } from "./set_members.ts";

/** One case in so many has them. */
const RARITY = 6;
const INSTANCES_MAX = 60;
/** What one instance writes, and all of an actor. */
const BYTES_MAX = 1_000_000;
const ALL_BYTES_MAX = 8_000_000;

interface Drawn {
  readonly name: string;
  readonly each: readonly DrawnSet[];
  readonly written: WrittenActor;
  readonly streams: readonly string[];
  /** Of one instance, about. */
  readonly bytes: number;
  isRead: boolean;
}

/** The case itself, or in some the same with actors over sets. `isWanted`: in this one; drawn if undefined. */
export function addSets(flowCase: FlowCase, isWanted?: boolean): FlowCase {
  const random = makeRandom(flowCase.seed, "sets");
  const isDrawn = random.chance(1 / RARITY);
  if (!(isWanted ?? isDrawn)) return flowCase;
  return new SetsDraft(random, flowCase).draw();
}

class SetsDraft {
  readonly #random: Random;
  readonly #case: FlowCase;
  readonly #sets: readonly DrawnSet[];
  readonly #drawn: Drawn[] = [];

  constructor(random: Random, flowCase: FlowCase) {
    this.#random = random;
    this.#case = flowCase;
    this.#sets = Array.from({ length: random.int(1, 3) }, (_, at) => drawSet(random, `s${at}`));
  }

  draw(): FlowCase {
    const random = this.#random;
    const count = random.int(2, 8);
    for (let at = 0; at < count; at++) this.#add(`e${at}`, at === 0 || random.chance(0.2));
    const { flow, files } = this.#case;
    const written = this.#drawn.map(({ name, written }) => [name, written] as const);
    const plain = this.#drawn.flatMap((drawn) =>
      listMembers(drawn.each).map((members) =>
        [nameOf(drawn, members), this.#expand(drawn, members)] as const
      )
    );
    const base = random.chance(0.6) ? withOutput(flow) : flow;
    const outputs = this.#drawOutputs(base);
    return {
      ...this.#case,
      files: Object.assign({}, files, ...this.#sets.map((set) => set.files)) as Record<string, string>,
      texts: Object.assign({}, ...this.#sets.map(({ texts }) => texts)) as Record<string, string>,
      flow: { ...base, actors: { ...flow.actors, ...Object.fromEntries(plain) }, ...outputs.plain },
      written: {
        ...base,
        sets: Object.fromEntries(this.#sets.map(({ name, written }) => [name, written])),
        actors: { ...flow.actors, ...Object.fromEntries(written) },
        ...outputs.written,
      },
    };
  }

  #add(name: string, isSource: boolean): void {
    const random = this.#random;
    const each = this.#drawEach(isSource);
    const actor = isSource ? this.#drawSource(each) : this.#drawReader(each);
    const names = each.map((set) => set.name);
    const [first = ""] = names;
    const over = each.length === 0 ? {} : { each: names.length === 1 && random.chance(0.7) ? first : names };
    const written = { ...actor.written, ...over };
    const streams = [name, ...Object.keys(written.outputs ?? {}).map((port) => `${name}.${port}`)];
    this.#drawn.push({ name, each, written, streams, bytes: actor.bytes, isRead: false });
  }

  #drawEach(isSource: boolean): readonly DrawnSet[] {
    const random = this.#random;
    const count = isSource ? random.int(1, 2) : random.weighted([[3, 0], [5, 1], [3, 2], [1, 3]]);
    const each = random.shuffle(this.#sets).slice(0, count);
    while (each.reduce((product, { members }) => product * members.length, 1) > INSTANCES_MAX) each.pop();
    return isSource && each.length === 0 ? [this.#smallest()] : each;
  }

  #smallest(): DrawnSet {
    const [smallest] = [...this.#sets].sort((a, b) => a.members.length - b.members.length);
    if (smallest === undefined) throw new Error("A case with sets has no set");
    return smallest;
  }

  #drawSource(each: readonly DrawnSet[]): { readonly written: WrittenActor; readonly bytes: number } {
    const random = this.#random;
    const set = random.pick(each);
    const { word, path, number } = set;
    if (path !== undefined && random.chance(0.7)) return { written: { file: `{${path}}` }, bytes: 50_000 };
    if (number !== undefined && random.chance(0.7)) {
      return { written: { run: ["seq", `{${number}}`] }, bytes: 2_000 };
    }
    if (random.chance(0.3)) {
      return { written: { value: `{${word}} pears\nand {${set.name}}\n`.repeat(3) }, bytes: 200 };
    }
    const sh = `printf '%s\\n' "$${variableOf(random.pick([word, set.name]))}"; seq ${random.int(0, 3000)}`;
    return { written: { sh }, bytes: 20_000 };
  }

  #drawReader(each: readonly DrawnSet[]): { readonly written: WrittenActor; readonly bytes: number } {
    const random = this.#random;
    const hasPorts = random.chance(0.25);
    const ports = hasPorts ? ["left", "right"].slice(0, random.int(1, 2)) : ["stdin"];
    // An input with a name needs somebody who writes it.
    const isThere = (of: Drawn): boolean => !hasPorts || of.each.every(({ members }) => members.length > 0);
    if (hasPorts && !this.#drawn.some(isThere)) return this.#drawReader(each);
    const inputs = ports.map((port) => [port, this.#pick(isThere)] as const);
    const bytes = inputs.flatMap(([, list]) => list).reduce((sum, of) => sum + this.#bytesInto(each, of), 0);
    const count = each.reduce((product, { members }) => product * members.length, 1);
    const isMuch = bytes > BYTES_MAX || bytes * count > ALL_BYTES_MAX;
    const as = <Input>(from: Input): Input | { readonly from: Input; readonly as: "file" } =>
      random.chance(0.15) ? { from, as: "file" } : from;
    const names = (list: readonly Drawn[]): readonly string[] => list.map((of) => random.pick(of.streams));
    const cache = random.chance(0.15) ? { cache: true } : {};
    if (hasPorts) {
      const words = ports.map((port) => `{in.${port}}`);
      const given = Object.fromEntries(inputs.map(([port, list]) => [port, as(names(list))]));
      const run = isMuch ? ["wc", "-c", ...words.slice(0, 1)] : ["cat", ...random.shuffle(words)];
      // `wc` tells the name of a file, which is not the same in the reference.
      const written = isMuch ? { sh: `wc -c <"$SLUICE_IN_LEFT"` } : { run };
      return { written: { ...written, ...cache, in: given }, bytes: isMuch ? 10 : bytes };
    }
    const list = names(inputs[0]?.[1] ?? []);
    const written = this.#drawFilter(each, isMuch);
    const from = list.length === 1 && random.chance(0.7) ? list[0] ?? "" : list;
    const isKept = written.workers === undefined && written.merge === undefined;
    return { written: { ...written, ...isKept ? cache : {}, in: from }, bytes: isMuch ? 10 : bytes };
  }

  #drawFilter(each: readonly DrawnSet[], isMuch: boolean): WrittenActor {
    const random = this.#random;
    if (isMuch) return { run: ["wc", "-c"] };
    const retry = random.chance(0.1) ? { retry: 1 } : {};
    const set = each.length === 0 ? undefined : random.pick(each);
    const kinds: (readonly [number, WrittenActor])[] = [
      [3, { run: ["cat"], ...retry }],
      [2, { run: ["tr", "a-m", "A-M"], workers: random.pick([2, { count: 2, block: "1KiB" }]) }],
      [1, { run: ["head", "-c", String(random.pick([0, 5, 900, 70_000]))] }],
      [1, { run: ["wc", "-c"] }],
      [2, { run: ["sort"], merge: "lines" }],
      [1, { run: ["tee", "{out.audit}"], outputs: { audit: 3 } }],
    ];
    if (set !== undefined) {
      kinds.push([3, { run: ["sed", `s/^/{${set.word}}:/`], ...retry }]);
      kinds.push([2, { sh: `cat; printf '%s\\n' "$${variableOf(set.name)}"` }]);
    }
    return random.weighted(kinds);
  }

  /** Rather actors over sets that nobody reads yet, sometimes one of the others. */
  #pick(isWanted: (of: Drawn) => boolean): readonly Drawn[] {
    const random = this.#random;
    const known = this.#drawn.filter(isWanted);
    return Array.from({ length: random.weighted([[5, 1], [2, 2]]) }, () => {
      const unread = known.filter(({ isRead }) => !isRead);
      const drawn = random.pick(unread.length > 0 && random.chance(0.6) ? unread : known);
      drawn.isRead = true;
      return drawn;
    });
  }

  #bytesInto(each: readonly DrawnSet[], writer: Drawn): number {
    const others = writer.each.filter((set) => !each.includes(set));
    return writer.bytes * others.reduce((product, { members }) => product * members.length, 1);
  }

  /** One instance as an actor of its own. */
  #expand({ each, written }: Drawn, members: Members): PlainActor {
    const fill = (text: string): string => this.#fill(text, { each, members });
    const read = (list: readonly string[]): readonly string[] =>
      list.flatMap((stream) => this.#instancesOf(stream, members));
    const { run, sh, value, file, in: input, each: _, ...rest } = written;
    return {
      ...rest,
      ...(run === undefined ? {} : { run: run.map(fill) }),
      ...(sh === undefined ? {} : { sh: fill(sh) }),
      ...(typeof value === "string" ? { value: fill(value) } : {}),
      ...(file === undefined ? {} : { file: fill(file) }),
      ...(input === undefined ? {} : { in: mapInput(input, read) }),
    };
  }

  #fill(text: string, { each, members }: { each: readonly DrawnSet[]; members: Members }): string {
    let filled = text;
    for (const { name, members: all } of each) {
      // The longest first: `$SLUICE_EACH_S0` begins `$SLUICE_EACH_S0_ID`, too.
      const fields = [...all[members.get(name) ?? 0]?.fields ?? []].sort(([a], [b]) => b.length - a.length);
      for (const [field, value] of fields) {
        filled = filled.replaceAll(`{${field}}`, () => value).replaceAll(
          `$${variableOf(field)}`,
          () => value,
        );
      }
    }
    return filled;
  }

  /** Which streams one instance reads where this is written: those whose members are its own, in the order of the sets. */
  #instancesOf(stream: string, members: Members): readonly string[] {
    const [name = "", port] = stream.split(".");
    const writer = this.#drawn.find((drawn) => drawn.name === name);
    if (writer === undefined) return [stream];
    return listMembers(writer.each)
      .filter((each) => [...each].every(([set, at]) => (members.get(set) ?? at) === at))
      .map((each) => `${nameOf(writer, each)}${port === undefined ? "" : `.${port}`}`);
  }

  #drawOutputs(
    base: PlainFlow,
  ): { readonly plain: Partial<PlainFlow>; readonly written: Partial<PlainFlow> } {
    const random = this.#random;
    const unread = this.#drawn.filter(({ isRead }) => !isRead);
    const shown = [...unread, ...random.chance(0.3) ? [random.pick(this.#drawn)] : []];
    const streams = [...new Set(shown.map(({ name }) => name))];
    const all = streams.flatMap((stream) => this.#instancesOf(stream, new Map()));
    const { out, aliases } = base;
    if (out === undefined) {
      const end = aliases?.[".end"];
      if (end === undefined) return { plain: {}, written: {} };
      const add = (more: readonly string[]): Partial<PlainFlow> => ({
        aliases: { ...aliases, ".end": [...listOf(end), ...more] },
      });
      return { plain: add(all), written: add(streams) };
    }
    if (isStreams(out)) {
      return { plain: { out: [...listOf(out), ...all] }, written: { out: [...listOf(out), ...streams] } };
    }
    const plain: Record<string, readonly string[]> = { "all.txt": all };
    const written: Record<string, readonly string[]> = { "all.txt": streams };
    for (const drawn of shown.filter(({ each }) => each.length > 0)) {
      const marks = drawn.each.map(({ name }) => `{${name}.index}`).join("-");
      const target = `sets/${drawn.name}/${marks}.txt`;
      written[target] = [drawn.name];
      for (const members of listMembers(drawn.each)) {
        plain[this.#fill(target, { each: drawn.each, members })] = [nameOf(drawn, members)];
      }
    }
    return { plain: { out: { ...out, ...plain } }, written: { out: { ...out, ...written } } };
  }
}

/** What is written to standard output is said, so that there may be files, too. */
function withOutput(flow: PlainFlow): PlainFlow {
  const standard = outputsOf(flow).get("-") ?? [];
  if ((flow.out !== undefined && !isStreams(flow.out)) || standard.length === 0) return flow;
  return { ...flow, out: { "-": standard } };
}

function nameOf({ name, each }: Drawn, members: Members): string {
  return [name, ...each.map((set) => members.get(set.name))].join("_");
}

function variableOf(field: string): string {
  return `SLUICE_EACH_${field.replace(".", "_").toUpperCase()}`;
}

function mapInput(
  input: NonNullable<WrittenActor["in"]>,
  map: (streams: readonly string[]) => readonly string[],
): NonNullable<PlainActor["in"]> {
  if (isStreams(input)) return map(listOf(input));
  return Object.fromEntries(
    Object.entries(input).map(([port, given]): [string, PlainInput] => [
      port,
      isStreams(given) ? map(listOf(given)) : { ...given, from: map(listOf(given.from)) },
    ]),
  );
}
