/**
 * A random flow of actors that talk, each one `talker.py` with a plan of its own: what it sends on, how it acknowledges,
 * what it asks, and where it fails.
 */
import { join } from "node:path";
import { makeRandom, type Random } from "../prng.ts";
import { type RuntimeName, runtimeNames } from "../flow_case.ts";
import type { Crash, TalkCase, Talker } from "./talker.ts";

const TALKER = join(import.meta.dirname, "talker.py");

export interface TalkOptions {
  readonly runtime?: RuntimeName | undefined;
  readonly recordsMax?: number;
}

const ODD_NAMES = ["$timer", "$state", "$registry", "$log", "$flow", "$spawn", "$nothing", "nobody", "lines"];
const ODD_TYPES = [
  "Odd",
  "List",
  "Load",
  "Cancel",
  "Log",
  "Stop",
  "Depend",
  "Detach",
  "Alias",
  "Once",
  "Every",
];
const ODD_MESSAGES = [null, 1, "text", [], [1], {}, { id: null }, { name: 5 }, { id: "x", after: "soon" }, {
  name: "a0",
}, { id: { a: 1 }, after: 1 }];

export function makeTalk(seed: number, { runtime, recordsMax = 300 }: TalkOptions = {}): TalkCase {
  const random = makeRandom(seed, "talk");
  const count = random.int(1, 4);
  const names = Array.from({ length: count }, (_, index) => `a${index}`);
  const hasFaults = random.chance(0.5);
  const hasLetters = random.chance(0.25);
  const faulty = hasFaults ? random.pick(names) : undefined;
  const records = random.weighted([[3, random.int(1, 20)], [4, random.int(20, recordsMax)]]);
  const keyed = new Map(names.map((name) => [name, random.chance(0.3)]));
  const talkers = names.map((name, index) =>
    makeTalker(random, {
      name,
      later: names.slice(index + 1),
      keyed,
      isFaulty: name === faulty,
      hasFaults,
      records,
    })
  );
  const letters = hasLetters ? [makeLetters()] : [];
  return {
    seed,
    runtime: runtime ?? random.pick(runtimeNames),
    records,
    heads: count > 1 && random.chance(0.2) ? names.slice(0, 2) : names.slice(0, 1),
    talkers: [...talkers, ...letters],
    hasLetters,
    hasFaults,
  };
}

function makeTalker(random: Random, { name, later, keyed, isFaulty, hasFaults, records }: {
  readonly name: string;
  readonly later: readonly string[];
  readonly keyed: ReadonlyMap<string, boolean>;
  readonly isFaulty: boolean;
  readonly hasFaults: boolean;
  readonly records: number;
}): Talker {
  const keys = random.pick([1, 3, 20]);
  const to = random.shuffle(later).slice(0, random.int(1, 2)).map((receiver) => {
    const isByTopic = random.chance(0.15);
    const type = random.chance(0.2) ? "Note" : "Item";
    if (isByTopic && keyed.get(receiver) !== true) {
      return { line: { topic: `to/${receiver}`, message_type: type }, receivers: [receiver] };
    }
    if (random.chance(0.1)) {
      return {
        line: { route: { actors: ["x", receiver], current: 1 }, message_type: type },
        receivers: [receiver],
      };
    }
    const address = keyed.get(receiver) === true && random.chance(0.5) ? `${receiver}/KEY` : receiver;
    return { line: { receiver: address, message_type: type }, receivers: [receiver] };
  });
  const isLeast = random.chance(0.4);
  const ack = isLeast
    ? random.pick(["single", "backward", "twice", "unknown", "reply"] as const)
    : random.pick(["none", "single", "single", "backward", "twice", "unknown"] as const);
  const batch = ack === "none" || random.chance(0.5) ? 1 : random.int(2, 30);
  const prefetch = ack !== "none" && random.chance(0.3) ? { prefetch: batch + random.pick([0, 0, 5]) } : {};
  // Who leaves has acknowledged what it had in hand.
  const crash = isFaulty
    ? makeCrash(random, { records, mayLeave: ack !== "none" && ack !== "reply" })
    : undefined;
  const says = ack !== "none" && random.chance(crash?.how === "leave" ? 0.5 : 0.6);
  const supervisor = keyed.get(name) === true
    ? random.pick([
      { type: "keyed", key: "/k", hosts: random.int(1, 3) },
      { type: "keyed", key: "/k", hosts: 2, idle: random.pick(["5ms", "50ms"]) },
      { type: "keyed", key: "/k", hosts: "each", ...(random.chance(0.5) ? { idle: "50ms" } : {}) },
    ])
    : random.weighted<Talker["supervisor"]>([
      [4, { type: "singleton" }],
      [2, { type: "pool", size: random.int(2, 3) }],
      [1, { type: "singleton", idle: random.pick(["5ms", "100ms"]) }],
    ]);
  const overflow = random.weighted([
    [5, "block"],
    [3, "spill"],
    ...(hasFaults ? [[1, "reject"], [1, "drop-oldest"]] as const : []),
  ]);
  const asks: Record<string, object[]> = {};
  if (random.chance(0.4)) {
    for (let index = 0; index < random.int(1, 12); index++) {
      (asks[String(random.int(1, 20))] ??= []).push({
        receiver: random.chance(0.3) ? random.pick([...later, name]) : random.pick(ODD_NAMES),
        message_type: random.chance(0.4) ? "Ask" : random.pick(ODD_TYPES),
        message: random.pick(ODD_MESSAGES),
      });
    }
  }
  const noise: Record<string, string[]> = {};
  if (hasFaults && random.chance(0.3)) {
    for (let index = 0; index < 3; index++) {
      noise[String(random.int(1, 20))] = [
        random.pick(["blank", "broken", "list", "binary", "huge", "key", "stray"]),
      ];
    }
  }
  const timers: Record<string, object[]> = {};
  if (random.chance(0.2)) {
    for (let index = 0; index < 3; index++) {
      timers[String(random.int(1, 20))] = random.pick([
        [{ message_type: "Once", message: { id: index, after: random.int(0, 30) } }],
        [{ message_type: "Every", message: { id: "tick", every: 5 } }, {
          message_type: "Cancel",
          message: { id: "tick" },
        }],
        [{ message_type: "Once", message: { id: "far", after: 60_000 } }, {
          message_type: "Once",
          message: { id: "far", after: 1 },
        }],
        [{ message_type: "Cancel", message: { id: "none" } }],
      ]);
    }
  }
  return {
    name,
    isAhead: crash?.how === "exit0" ? false : random.chance(0.8),
    args: {
      ack,
      words: says,
      // Who acknowledges what the engine says, or has to acknowledge, acknowledges everything.
      notes: says || isLeast || "prefetch" in prefetch || random.chance(0.5),
      batch,
      to,
      out: later.length === 0 || random.chance(0.3),
      noise,
      timers,
      finish: hasFaults && random.chance(0.06) ? random.int(1, records) : 0,
      asks,
      answers: random.chance(0.7) ? [] : ["ok", random.pick(["twice", "never", "error"])],
      askMs: random.pick([300, 3_000]),
      delay: random.chance(0.2) ? random.pick([0.001, 0.005]) : 0,
      keys,
      ...(crash === undefined ? {} : { crash }),
    },
    supervisor,
    overflow,
    flow: {
      subscribe: [`to/${name}`],
      mailbox: { size: random.pick([1, 2, 10, 1000]), overflow },
      ...(isLeast ? { delivery: "at-least-once" } : {}),
      ...prefetch,
      ...(crash === undefined || random.chance(0.1) ? {} : {
        restart: {
          policy: random.pick(["on-failure", "on-failure", "always"]),
          intensity: 50,
          backoff: "1ms",
        },
      }),
      ...(isLeast ? { retry: { max: 50 } } : {}),
    },
  };
}

function makeCrash(
  random: Random,
  { records, mayLeave }: { readonly records: number; readonly mayLeave: boolean },
): Crash | undefined {
  if (random.chance(0.15)) return undefined;
  const how = random.pick(
    ["exit0", ...(mayLeave ? ["leave"] as const : []), "exit3", "kill", "half", "daemon"] as const,
  );
  return {
    how,
    // Who ends well without a word counts as one that has handled what it has read.
    when: how === "exit0" ? "after" : random.pick(["before", "after"]),
    after: random.int(1, Math.max(1, Math.min(40, records))),
    times: random.int(1, 4),
  };
}

function makeLetters(): Talker {
  return {
    name: "letters",
    isAhead: true,
    args: {
      ack: "single",
      words: true,
      notes: true,
      batch: 1,
      to: [],
      out: false,
      noise: {},
      timers: {},
      finish: 0,
      asks: {},
      answers: [],
      askMs: 1000,
      delay: 0,
      keys: 1,
      letters: true,
    },
    supervisor: { type: "singleton" },
    overflow: "block",
    flow: {},
  };
}

/** The flow file of a case. */
export function flowOf({ talkers, heads, records, hasLetters }: TalkCase): object {
  const lines = Array.from({ length: records }, (_, n) => `${JSON.stringify({ n, k: n % 7 })}\n`).join("");
  return {
    actors: {
      lines: { value: lines },
      ...Object.fromEntries(talkers.map(({ name, args, flow, supervisor, isAhead }) => [name, {
        run: ["python3", TALKER],
        protocol: "messages",
        env: { TALKER: name, AHEAD: isAhead ? "1" : "0" },
        args,
        ...(heads.includes(name) ? { in: "lines" } : {}),
        limits: { message: "64KiB" },
        supervisor,
        ...flow,
      }])),
      sink: { sh: "exec cat >/dev/null", protocol: "messages" },
    },
    ...(hasLetters ? { aliases: { "dead-letter": "letters" } } : {}),
    out: Object.fromEntries(talkers.filter(({ args }) => args.out).map(({ name }) => [`out/${name}`, name])),
  };
}
