/** From a seed to a flow: a random graph of the actors in `kinds.ts`, and the settings of its run. */
import type { FlowCase, PlainActor, PlainFlow, PlainInput, RuntimeName } from "./flow_case.ts";
import { runtimeNames, STDIN_FILE } from "./flow_case.ts";
import {
  drawBytesKind,
  type Drawn,
  filterKinds,
  HELD_BYTES_MAX,
  holdingJoinKinds,
  holdingKinds,
  joinKinds,
  sourceKinds,
  summaryKinds,
} from "./kinds.ts";
import { drawWorkers, lateKinds } from "./late_kinds.ts";
import { addManyFiles } from "./many_files.ts";
import { makeRandom, type Random } from "./prng.ts";
import { addSets } from "./sets.ts";
import { addMembers } from "./members.ts";
import { addSplits } from "./splits.ts";
import { addUses } from "./uses.ts";

/** What may be drawn. */
export interface GenerateOptions {
  /** Streams of up to 300 MB. @default false */
  readonly isLarge?: boolean;
  /** No source writes more bytes than this on one stream. @default what the size of the graph allows */
  readonly bytesMax?: number;
  /** Draw the key `limits`. @default true */
  readonly hasLimits?: boolean;
  /** Hundreds of files, and few descriptors. @default in some cases */
  readonly hasManyFiles?: boolean;
  /** Actors over sets. @default in some cases */
  readonly hasSets?: boolean;
  /** Flows in flows. @default in some cases */
  readonly hasUses?: boolean;
  /** A stream that is split by key. @default in some cases */
  readonly hasSplits?: boolean;
  /** Whether each case has members of a stream; otherwise some do. */
  readonly hasMembers?: boolean;
  /** @default one drawn */
  readonly runtime?: RuntimeName;
}

const KIB64 = 65_536;
const MIB = 1_048_576;
const ACTORS_MAX = 14;
/** All streams of a graph together are at most this many times as long as its longest source may be. */
const TOTAL_FACTOR = 6;

/** Draws the case of a seed: the same one every time, for the same options. */
export function generate(seed: number, options: GenerateOptions = {}): FlowCase {
  const settings = makeRandom(seed, "settings");
  const runtime = settings.pick(runtimeNames);
  const limits = drawLimits(settings);
  const draft = new Draft(makeRandom(seed, "graph"), options);
  const flow: PlainFlow = {
    ...draft.draw(),
    ...(settings.chance(0.35) ? { start: settings.pick(["lazy", "lazy", "eager"]) } : {}),
    ...(options.hasLimits === false || limits === undefined ? {} : { limits }),
  };
  const flowCase: FlowCase = {
    seed,
    runtime: options.runtime ?? runtime,
    stdin: settings.weighted([[4, "file"], [4, "pipe"], [1, "fifo"]] as const),
    stdout: settings.weighted([[6, "file"], [3, "pipe"], [1, "fifo"]] as const),
    files: Object.fromEntries(draft.files),
    flow,
  };
  const many = addManyFiles(flowCase, options.hasManyFiles);
  const used = addUses(addSets(many, options.hasSets), options.hasUses);
  return addMembers(addSplits(used, options.hasSplits), options.hasMembers);
}

function drawLimits(random: Random): PlainFlow["limits"] | undefined {
  const processes = random.chance(0.6)
    ? random.weighted([[2, 1], [2, 2], [3, random.int(3, 10)]])
    : undefined;
  const memory = random.chance(0.6) ? `${random.pick([1, 1, 2, 4, 16, 64])}MiB` : undefined;
  if (random.chance(0.4) || (processes === undefined && memory === undefined)) return undefined;
  return { ...(processes === undefined ? {} : { processes }), ...(memory === undefined ? {} : { memory }) };
}

interface Stream {
  readonly name: string;
  readonly bytes: number;
  isRead: boolean;
}

class Draft {
  readonly files = new Map<string, string>();
  readonly #random: Random;
  readonly #bytesMax: number;
  readonly #actors = new Map<string, PlainActor>();
  readonly #streams: Stream[] = [];
  readonly #aliases = new Map<string, readonly string[]>();
  #bytes = 0;

  constructor(random: Random, { isLarge, bytesMax }: GenerateOptions) {
    this.#random = random;
    const most = random.weighted([
      [45, 100_000],
      [30, MIB + 1],
      [isLarge === true ? 40 : 19, 8_000_000],
      [isLarge === true ? 30 : 9, 64_000_000],
      [isLarge === true ? 20 : 0, 300_000_000],
    ]);
    this.#bytesMax = Math.min(most, bytesMax ?? most);
  }

  draw(): PlainFlow {
    const random = this.#random;
    const count = random.weighted([[2, random.int(2, 4)], [5, random.int(4, 8)], [
      2,
      random.int(8, ACTORS_MAX),
    ]]);
    const sources = random.int(1, Math.max(1, Math.floor(count / 3)));
    for (let index = 0; index < count; index++) {
      const isSource = index < sources || random.chance(0.08);
      if (isSource) this.#add(index, this.#drawSource());
      else if (random.chance(0.12)) this.#addSorted(index);
      else if (random.chance(0.35)) this.#add(index, this.#drawJoin());
      else this.#add(index, this.#drawFilter());
    }
    const names = random.chance(0.7) ? [...this.#actors.keys()] : random.shuffle([...this.#actors.keys()]);
    const actors = Object.fromEntries(names.map((name) => [name, this.#actors.get(name) ?? {}]));
    const out = this.#drawOut();
    return {
      actors,
      ...(this.#aliases.size > 0 ? { aliases: Object.fromEntries(this.#aliases) } : {}),
      ...out,
    };
  }

  #add(index: number, { actor, streams }: Drawn): void {
    const name = `a${index}`;
    this.#actors.set(name, actor);
    for (const [port, bytes] of Object.entries(streams)) {
      this.#bytes += bytes;
      this.#streams.push({ name: port === "stdout" ? name : `${name}.${port}`, bytes, isRead: false });
    }
  }

  /** Lines that come in any order, and an actor behind that sorts them, once or twice the same. */
  #addSorted(index: number): void {
    const random = this.#random;
    const picked = this.#pickInputs(random.int(1, 3));
    const inputs = random.chance(0.3) ? [...picked, ...picked.slice(0, 1)] : picked;
    const times = random.weighted([[4, 1], [1, 2]]);
    const bytes = total(inputs) + inputs.length;
    if (!this.#hasRoomFor(2 * times * bytes) || times * bytes > HELD_BYTES_MAX) {
      return this.#add(index, this.#drawFilter());
    }
    const name = `a${index}k`;
    const run = random.pick([["cat"], ["tr", "a-m", "A-M"]]);
    const merge = inputs.length > 1 && random.chance(0.7) ? { merge: "lines" } as const : {};
    const retry = random.chance(0.15) ? { retry: 1 } : {};
    const workers = drawWorkers(random, bytes);
    this.#actors.set(name, { run, workers, ...retry, in: this.#name(inputs), ...merge });
    this.#bytes += bytes;
    const from = times === 1 ? name : [name, name];
    const actor: PlainActor = { run: ["sort"], in: from, ...(times === 1 ? {} : { merge: "lines" }) };
    this.#add(index, { actor, streams: { stdout: times * bytes } });
  }

  #drawSource(): Drawn {
    const random = this.#random;
    const isStdinFree = !this.files.has(STDIN_FILE);
    if (random.chance(0.8)) return random.weighted(sourceKinds)(random, () => this.#drawSize());
    const bytes = this.#drawSize();
    const name = isStdinFree && random.chance(0.5) ? STDIN_FILE : `input${this.files.size}.dat`;
    this.files.set(name, `${bytes}:${random.int(0, 9999)}:${drawBytesKind(random)}`);
    const actor: PlainActor = name === STDIN_FILE ? { stdin: true } : { file: name };
    return { actor, streams: { stdout: bytes } };
  }

  #drawFilter(): Drawn {
    const random = this.#random;
    const isMerge = random.chance(0.08);
    const inputs = this.#pickInputs(isMerge ? random.int(2, 3) : undefined);
    const bytes = total(inputs);
    const kinds = !this.#hasRoomFor(bytes)
      ? summaryKinds
      : isMerge
      ? [[1, () => ({ actor: { run: ["sort"] }, streams: { stdout: bytes } })]] as const
      : [...filterKinds, ...lateKinds, ...(bytes <= HELD_BYTES_MAX ? holdingKinds : [])];
    const { actor, streams } = random.weighted(kinds)(random, bytes);
    const isSorted = isMerge && actor.run?.[0] === "sort";
    const workers = isLineByLine(actor) && random.chance(0.2)
      ? { workers: random.pick([2, 3, { count: 2, block: "1KiB" }, { count: 3, block: "64KiB" }]) }
      : {};
    const retry = random.chance(0.06) ? { retry: 1 } : {};
    const cache = !("workers" in workers) && random.chance(0.08) ? { cache: true } : {};
    const merge = isSorted ? { merge: "lines" } as const : {};
    return { actor: { ...actor, ...workers, ...retry, ...cache, in: this.#name(inputs), ...merge }, streams };
  }

  #drawJoin(): Drawn {
    const random = this.#random;
    const names = random.pick([["left", "right"], ["stdin", "right"], ["left", "right", "third"], ["left"]]);
    const ports = names.map((name) => [name, this.#pickInputs()] as const);
    const bytes = total(ports.flatMap(([, inputs]) => inputs));
    if (!this.#hasRoomFor(bytes)) return this.#drawFilter();
    const kinds = [...joinKinds, ...(bytes <= HELD_BYTES_MAX ? holdingJoinKinds : [])];
    const { actor, streams } = random.weighted(kinds)(random, { names, bytes });
    const cache = random.chance(0.08) ? { cache: true } : {};
    return {
      actor: {
        ...actor,
        ...cache,
        in: Object.fromEntries(ports.map(([name, list]) => [name, this.#drawInput(list)])),
      },
      streams,
    };
  }

  #drawInput(inputs: readonly Stream[]): PlainInput {
    const from = this.#name(inputs);
    return this.#random.chance(0.1) ? { from, as: "file" } : from;
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax * TOTAL_FACTOR;
  }

  /** Rather streams that nobody reads yet, sometimes one twice. */
  #pickInputs(wanted?: number): readonly Stream[] {
    const random = this.#random;
    const count = wanted ?? random.weighted([[6, 1], [3, 2], [1, 3]]);
    const picked: Stream[] = [];
    for (let index = 0; index < count; index++) {
      const unread = this.#streams.filter((stream) => !stream.isRead);
      const stream = random.pick(unread.length > 0 && random.chance(0.6) ? unread : this.#streams);
      stream.isRead = true;
      picked.push(stream);
    }
    if (picked[0] !== undefined && wanted === undefined && random.chance(0.06)) picked.push(picked[0]);
    return picked;
  }

  /** One stream alone stands as itself or as a list; several sometimes behind an alias. */
  #name(inputs: readonly Stream[]): string | readonly string[] {
    const names = inputs.map(({ name }) => name);
    const [first = ""] = names;
    if (names.length === 1 && this.#random.chance(0.8)) return first;
    if (new Set(names).size < names.length || this.#random.chance(0.85)) return names;
    const alias = `list${this.#aliases.size}`;
    this.#aliases.set(alias, names);
    return alias;
  }

  #drawSize(): number {
    const random = this.#random;
    const max = this.#bytesMax;
    const sizes: readonly (readonly [number, number])[] = [
      [4, 0],
      [4, 1],
      [12, random.int(2, 300)],
      [8, KIB64 + random.int(-1, 1)],
      [20, random.int(1000, 100_000)],
      [10, MIB + random.int(-1, 1)],
      [12, random.int(100_000, 500_000)],
      [18, random.int(1_500_000, 8_000_000)],
      [10, random.int(8_000_000, 64_000_000)],
      [16, random.int(64_000_000, 300_000_000)],
    ];
    return Math.min(max, random.weighted(sizes.filter(([, bytes]) => bytes <= max)));
  }

  #drawOut(): Pick<PlainFlow, "out" | "aliases"> {
    const random = this.#random;
    const all = this.#streams.map(({ name }) => name);
    const unread = this.#streams.filter((stream) => !stream.isRead).map(({ name }) => name);
    const more = random.chance(0.3) ? [random.pick(all)] : [];
    const wanted = unread.length === 0 ? [random.pick(all)] : unread;
    switch (random.weighted([[2, "default"], [1, "end"], [2, "list"], [5, "files"]] as const)) {
      case "default":
        return unread.some((name) => !name.endsWith(".stderr")) ? {} : { out: wanted };
      case "end":
        this.#aliases.set(".end", wanted);
        return {};
      case "list":
        return { out: [...wanted, ...more] };
      case "files":
        return { out: this.#drawFiles([...wanted, ...more]) };
    }
  }

  #drawFiles(names: readonly string[]): Readonly<Record<string, readonly string[]>> {
    const random = this.#random;
    const targets = random.shuffle(["-", "out1.txt", "out2.txt", "out3.txt"]).slice(0, random.int(1, 4));
    const lists = new Map<string, string[]>();
    for (const name of names) {
      const target = random.pick(targets);
      lists.set(target, [...(lists.get(target) ?? []), name]);
    }
    return Object.fromEntries(lists);
  }
}

/** True when it makes of each line the same whatever the lines before it are. */
function isLineByLine({ run, sh }: PlainActor): boolean {
  const [program = ""] = run ?? [];
  return ["cat", "tr", "dd", "tee"].includes(program) || sh?.startsWith("tr ") === true;
}

function total(streams: readonly Stream[]): number {
  return streams.reduce((sum, { bytes }) => sum + bytes, 0);
}
