/**
 * Actors over the records of a stream, beside the actors of a case: a pipeline for each member, some of them tried again,
 * some over another set as well, gathered in order or as they end. The reference has an actor for each member instead.
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

/** One case in so many has some. */
const RARITY = 6;
const RECORDS = [0, 1, 2, 9, 30];
const LETTERS = ["u", "v w"];

type Actors = Record<string, PlainActor>;

/** The case itself, or in some the same with members of a stream. `isWanted`: in this one; drawn if undefined. */
export function addMembers(flowCase: FlowCase, isWanted?: boolean): FlowCase {
  const random = makeRandom(flowCase.seed, "members");
  const isDrawn = random.chance(1 / RARITY);
  if (!(isWanted ?? isDrawn)) return flowCase;
  const { flow, written = { ...flow, sets: {} } } = flowCase;
  // Where the two flows say in different ways what they give, what is added would be given by one of them only.
  if (wayOf(flow) !== wayOf(written)) return flowCase;
  const draft = new MembersDraft(random);
  return {
    ...flowCase,
    flow: { ...flow, actors: { ...flow.actors, ...draft.plain }, ...shown(flow) },
    written: {
      ...written,
      sets: { ...written.sets, ...draft.sets },
      actors: { ...written.actors, ...draft.written },
      ...shown(written),
    },
  };
}

function wayOf({ out, aliases }: PlainFlow): string {
  if (out !== undefined) return isStreams(out) ? "streams" : "files";
  return aliases?.[".end"] === undefined ? "unread" : "end";
}

/** What of a flow shows the last of them, too. */
function shown({ out, aliases }: PlainFlow): Partial<PlainFlow> {
  const end = aliases?.[".end"];
  if (out === undefined) {
    return end === undefined ? {} : { aliases: { ...aliases, ".end": [...listOf(end), "m9"] } };
  }
  return { out: isStreams(out) ? [...listOf(out), "m9"] : { ...out, "members.txt": "m9" } };
}

class MembersDraft {
  readonly written: Record<string, WrittenActor> = {};
  readonly plain: Actors = {};
  readonly sets: Record<string, object>;
  readonly #random: Random;
  readonly #records: readonly string[];
  /** Of the other set, as far as the first actor is over one. */
  readonly #letters: readonly string[];

  constructor(random: Random) {
    this.#random = random;
    const isAnyOrder = random.chance(0.3);
    this.#letters = random.chance(0.35) ? LETTERS : [""];
    const count = random.pick(RECORDS);
    this.#records = Array.from({ length: count }, (_, at) => String(at + 1));
    this.sets = {
      r: { stream: "m0", ...(isAnyOrder ? { order: "any" } : {}) },
      ...(this.#isOverTwo ? { l: { values: LETTERS } } : {}),
    };
    this.written["m0"] = { run: ["seq", String(count)] };
    this.#addFirst();
    const last = this.#addOthers();
    const gather: PlainActor = isAnyOrder ? { run: ["sort"] } : { run: ["cat"] };
    const from = random.chance(0.3) ? [last, "m1"] : [last];
    this.written["m9"] = { ...gather, in: from };
    this.plain["m9"] = { ...gather, in: from.flatMap((name) => this.#allOf(name)) };
    // A pipe of a shell without a reader would be another flow than one without members.
    if (this.plain["m9"].in?.length === 0) this.plain["m9"] = { run: gather.run ?? [] };
  }

  get #isOverTwo(): boolean {
    return this.#letters.length > 1;
  }

  /** One actor of the reference for each member. */
  #nameOf(name: string, record: string, letter: string): string {
    return name === "m1" && this.#isOverTwo ? `m1_${record}_${LETTERS.indexOf(letter)}` : `${name}_${record}`;
  }

  /** Who gathers all has one member of the other set after the other. */
  #allOf(name: string): readonly string[] {
    const letters = name === "m1" ? this.#letters : [""];
    return letters.flatMap((letter) => this.#records.map((record) => this.#nameOf(name, record, letter)));
  }

  #addFirst(): void {
    const random = this.#random;
    const factor = random.pick([1, 100, 4000]);
    const say = `seq -f "$2 %g" 1 $(($1 * ${factor}))`;
    // Failed tries leave something behind that nobody may see.
    const failing = `if [ $(($1 % 3)) = 0 ] && mkdir "m-$1-$2" 2>/dev/null; then echo no; exit 1; fi; `;
    const isTried = random.chance(0.35);
    const letter = this.#isOverTwo ? "{l}" : "";
    const script = (
      text: string,
      record: string,
      of: string,
    ): readonly string[] => ["sh", "-c", text, "sh", record, of];
    const each = this.#isOverTwo ? random.pick([["r", "l"], ["l", "r"]]) : "r";
    this.written["m1"] = random.chance(0.2) ? { each, value: `{r} ${letter}\n` } : {
      each,
      run: script(isTried ? failing + say : say, "{r}", letter),
      ...(isTried ? { retry: 1 } : {}),
      ...(random.chance(0.2) ? { cache: true } : {}),
    };
    const isValue = this.written["m1"].value !== undefined;
    for (const record of this.#records) {
      for (const of of this.#letters) {
        this.plain[this.#nameOf("m1", record, of)] = isValue
          ? { value: `${record} ${of}\n` }
          : { run: script(say, record, of) };
      }
    }
  }

  /** Others that read what is the member's own; gives the last of them. */
  #addOthers(): string {
    const random = this.#random;
    let before = "m1";
    for (let at = 2; at < 2 + random.int(0, 2); at++) {
      const name = `m${at}`;
      const retry = random.chance(0.15) ? { retry: 1 } : {};
      const both = random.chance(0.3) && before !== "m1" ? [before, "m1"] : [before];
      const lines = random.chance(0.3) ? { merge: "lines" as const } : {};
      const make = random.weighted<(from: readonly string[], record: string) => PlainActor>([
        [3, (from) => ({ run: ["cat"], in: from, ...retry, ...lines })],
        [2, (from) => ({ run: ["tr", "0-4", "a-e"], in: from })],
        [2, (from, record) => ({ run: ["sed", `s/$/ ${record}/`], in: from, ...retry })],
        [1, (from) => ({ run: ["wc", "-c"], in: from })],
        [1, (from) => ({ run: ["head", "-n", "2"], in: from })],
        [2, (from) => ({ run: ["cat", "-", "{in.x}"], in: { stdin: from, x: from } })],
      ]);
      this.written[name] = { each: "r", ...make(both, "{r}") };
      for (const record of this.#records) {
        const own = both.flatMap((from) =>
          (from === "m1" ? this.#letters : [""]).map((of) => this.#nameOf(from, record, of))
        );
        this.plain[this.#nameOf(name, record, "")] = make(own, record);
      }
      before = name;
    }
    return before;
  }
}
