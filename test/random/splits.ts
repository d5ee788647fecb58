/**
 * A stream that is split by key, beside the actors of a case: streams of single keys that are read alone and together, a
 * file for each key, an instance for each. The reference has an `awk` for each key instead.
 */
import {
  type FlowCase,
  isStreams,
  listOf,
  type PlainActor,
  type PlainFlow,
  type WrittenActor,
} from "./flow_case.ts";
import { makeRandom, type Random } from "./prng.ts";

/** One case in so many has one. */
const RARITY = 6;
const SPLIT = "p0";
const LINES_MAX = 300_000;

type Actors = Readonly<Record<string, PlainActor>>;
type Written = PlainFlow & { readonly sets?: Readonly<Record<string, object>> };

/** Which digit of a number is its key. */
const KEYS = {
  first: { pattern: "^(\\d)", awk: "substr($0, 1, 1)", of: (line: string) => line.slice(0, 1) },
  last: { pattern: "(\\d)$", awk: "substr($0, length($0))", of: (line: string) => line.slice(-1) },
} as const;

/** The case itself, or in some the same with a split. `isWanted`: in this one; drawn if undefined. */
export function addSplits(flowCase: FlowCase, isWanted?: boolean): FlowCase {
  const random = makeRandom(flowCase.seed, "splits");
  const isDrawn = random.chance(1 / RARITY);
  if (!(isWanted ?? isDrawn)) return flowCase;
  const { flow, written = { ...flow, sets: {} } } = flowCase;
  const draft = new SplitDraft(random);
  draft.draw();
  const outs = draft.outputs([flow, written]);
  if (outs === undefined) return flowCase;
  const sets: Record<string, object> = draft.isGrouped ? { g: { keys: SPLIT } } : {};
  return {
    ...flowCase,
    flow: { ...flow, actors: { ...flow.actors, ...draft.plain() }, ...outs.plain },
    written: {
      ...written,
      sets: { ...written.sets, ...sets },
      actors: { ...written.actors, ...draft.written },
      ...outs.written,
    },
  };
}

class SplitDraft {
  readonly written: Record<string, WrittenActor & { readonly split?: object }> = {};
  isGrouped = false;
  readonly #random: Random;
  readonly #by: typeof KEYS[keyof typeof KEYS];
  readonly #header: number;
  /** Of its input. */
  readonly #inputs: readonly string[];
  /** Those that come, in the order in which they first do. */
  readonly #keys: readonly string[];
  /** Keys that somebody reads. */
  readonly #read = new Set<string>();
  readonly #readers: Record<string, PlainActor> = {};
  readonly #grouped: Record<string, PlainActor> = {};
  readonly #shown: string[] = [];
  /** Those that are files of the reference. */
  readonly #files = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
    const [from, to] = [random.int(1, 99), random.pick([0, 5, 300, 20_000, LINES_MAX])];
    this.#by = KEYS[random.pick<keyof typeof KEYS>(["first", "last"])];
    this.#header = random.pick([0, 0, 1, 2]);
    this.written["p1"] = { run: ["seq", String(from), String(to)] };
    const isTwice = random.chance(0.4);
    if (isTwice) this.written["p2"] = { run: ["cat"], in: "p1" };
    this.#inputs = isTwice ? random.shuffle(["p1", "p2"]) : ["p1"];
    const lines = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => String(from + at));
    const all = isTwice && lines.length > 0 ? [...lines, ...lines] : lines;
    this.#keys = [...new Set(all.slice(this.#header).map((line) => this.#by.of(line)))];
    this.written[SPLIT] = {
      split: { key: { pattern: this.#by.pattern }, ...(this.#header === 0 ? {} : { header: this.#header }) },
      in: this.#inputs,
    };
  }

  draw(): void {
    const random = this.#random;
    for (let at = random.int(1, 5); at > 0; at--) this.#addReader(`p1${at}`);
    if (random.chance(0.4)) this.#addGroup();
  }

  #addReader(name: string): void {
    const random = this.#random;
    const pick = (): string => {
      const key = random.chance(0.85) && this.#keys.length > 0
        ? random.pick(this.#keys)
        : random.pick(["0", "7"]);
      this.#read.add(key);
      return `${SPLIT}[${key}]`;
    };
    const several = (): readonly string[] => Array.from({ length: random.int(1, 3) }, pick);
    const left = { run: ["paste", "{in.left}", "{in.right}"], in: { left: pick(), right: pick() } };
    const actor = random.weighted<PlainActor>([
      [3, { run: ["cat"], in: several() }],
      [2, { run: ["wc", "-l"], in: several() }],
      [1, { run: ["head", "-n", "3"], in: pick() }],
      [2, { run: ["sort"], in: several(), merge: "lines" }],
      [2, left],
      [1, { run: ["tr", "1-5", "a-e"], in: several(), workers: { count: 2, block: "1KiB" } }],
      [1, { run: ["cat"], in: several(), retry: 1 }],
      [1, { run: ["cat"], in: several(), cache: true }],
      [1, { sh: 'cat "$SLUICE_IN_WHOLE"', in: { whole: { from: pick(), as: "file" } } }],
    ]);
    // What an alternative that was not drawn has picked is read by nobody; its reference is of no use, and no harm.
    this.written[name] = actor;
    this.#readers[name] = mapNames(actor);
    this.#shown.push(name);
  }

  /** An instance for each key, and who gathers them. */
  #addGroup(): void {
    this.isGrouped = true;
    this.written["p3"] = { each: "g", run: ["sed", "s/^/{g} /"], in: SPLIT };
    this.written["p4"] = { run: ["cat"], in: "p3" };
    for (const key of this.#keys) {
      this.#read.add(key);
      this.#grouped[`p3_${key}`] = { run: ["sed", `s/^/${key} /`], in: nameOf(key) };
    }
    this.#grouped["p4"] = { run: ["cat"], in: this.#keys.map((key) => `p3_${key}`) };
    this.#shown.push("p4");
  }

  /** The same without a split. */
  plain(): Actors {
    const sources = Object.fromEntries(
      Object.entries(this.written).filter(([name]) => ["p1", "p2"].includes(name)),
    );
    const names = JSON.stringify([this.#readers, this.#grouped, [...this.#files]]);
    const awks = [...this.#read].filter((key) => names.includes(`"${nameOf(key)}"`)).map((
      key,
    ) => [nameOf(key), {
      run: ["awk", "-v", `key=${key}`, "-v", `header=${this.#header}`, this.#awk()],
      in: this.#inputs,
    }]);
    return { ...sources, ...Object.fromEntries(awks), ...this.#readers, ...this.#grouped };
  }

  #awk(): string {
    return `NR <= header { head = head $0 "\\n"; next } ${this.#by.awk} == key { if (!n++) printf "%s", head; print }`;
  }

  /** What is shown, and a file for each key where there are files; undefined where the two flows say it differently. */
  outputs(
    [plain, written]: readonly [PlainFlow, Written],
  ): { readonly plain: Partial<PlainFlow>; readonly written: Partial<PlainFlow> } | undefined {
    const add = (to: PlainFlow): Partial<PlainFlow> | undefined => {
      const end = to.aliases?.[".end"];
      if (to.out === undefined && end === undefined) return {};
      if (to.out === undefined) {
        return { aliases: { ...to.aliases, ".end": [...listOf(end ?? []), ...this.#shown] } };
      }
      if (isStreams(to.out)) return { out: [...listOf(to.out), ...this.#shown] };
      return { out: { ...to.out, "splits.txt": this.#shown } };
    };
    const both = { plain: add(plain), written: add(written) };
    if (both.plain === undefined || both.written === undefined) return undefined;
    const isAlike = Object.keys(both.plain).join() === Object.keys(both.written).join() &&
      isStreams(plain.out ?? "") === isStreams(written.out ?? "");
    if (!isAlike) return undefined;
    const { plain: { out: all }, written: { out: keyed } } = both;
    if (all === undefined || keyed === undefined || isStreams(all) || isStreams(keyed)) {
      return { plain: both.plain, written: both.written };
    }
    const files = Object.fromEntries(this.#keys.map((key) => [`split-${key}.txt`, nameOf(key)]));
    for (const key of this.#keys) {
      this.#read.add(key);
      this.#files.add(nameOf(key));
    }
    return { plain: { out: { ...all, ...files } }, written: { out: { ...keyed, "split-{key}.txt": SPLIT } } };
  }
}

/** The actor of the reference that stands for a key. */
function nameOf(key: string): string {
  return `${SPLIT}_${key}`;
}

function mapNames(actor: PlainActor): PlainActor {
  const text = JSON.stringify(actor).replaceAll(/"p0\[(\d)\]"/g, (_, key: string) => `"${nameOf(key)}"`);
  // Only names of streams were changed.
  return JSON.parse(text) as PlainActor;
}
