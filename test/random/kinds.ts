/**
 * The kinds of actors that flows are made of. Each is a Kahn process: what it writes depends on the bytes of its
 * inputs alone, not on when they come.
 */
import type { PlainActor } from "./flow_case.ts";
import type { Random } from "./prng.ts";

/** An actor and how many bytes each of its streams can have at most. */
export interface Drawn {
  readonly actor: PlainActor;
  /** By port; the ports that are worth reading. */
  readonly streams: Readonly<Record<string, number>>;
}

/** Draws a source that writes `size()` bytes on each of its streams. */
export type SourceKind = (random: Random, size: () => number) => Drawn;

/** Draws an actor that reads `bytes` bytes on stdin. */
export type FilterKind = (random: Random, bytes: number) => Drawn;

/** Draws an actor with an input port for each of the names; it reads `bytes` bytes on them together. */
export type JoinKind = (
  random: Random,
  ports: { readonly names: readonly string[]; readonly bytes: number },
) => Drawn;

/** Bytes that an actor which holds its input in memory is given at most. */
export const HELD_BYTES_MAX = 48_000_000;

const SMALL = 4096;
const FDS = [3, 4, 7] as const;
const CHUNKS = [512, 1000, 4096, 65_536, 65_537, 1_048_576] as const;
const TAKEN = [0, 1, 10, 4096, 65_536, 100_000, 1_048_576] as const;

const python = (program: string, ...args: readonly (string | number)[]): readonly string[] => [
  "python3",
  "-BES",
  `actors/${program}`,
  ...args.map(String),
];

const node = (program: string, ...args: readonly (string | number)[]): readonly string[] => [
  "node",
  `actors/${program}`,
  ...args.map(String),
];

/** Tiny pieces for tiny streams only: a call of the system for each of ten million bytes takes its time. */
function drawChunk(random: Random, bytes: number): number {
  if (bytes < 3000 && random.chance(0.3)) return random.int(1, 7);
  return bytes > 4_000_000 ? random.pick([4096, 65_536, 1_048_576]) : random.pick(CHUNKS);
}

/** What the bytes of a stream of `source.py` are. */
export function drawBytesKind(random: Random): string {
  return random.weighted([[5, "text"], [2, "cut"], [1, "long"], [3, "bytes"]]);
}

function drawStream(random: Random, bytes: number): string {
  return `${bytes}:${random.int(0, 9999)}:${drawBytesKind(random)}`;
}

const source: SourceKind = (random, size) => {
  const bytes = size();
  const run = python("source.py", drawChunk(random, bytes), "sequence", `1:${drawStream(random, bytes)}`);
  return { actor: { run }, streams: { stdout: bytes } };
};

const twoStreams: SourceKind = (random, size) => {
  const fd = random.pick(FDS);
  const [first, second] = [size(), size()];
  const chunk = drawChunk(random, first + second);
  const streams = random.shuffle([`1:${drawStream(random, first)}`, `${fd}:${drawStream(random, second)}`]);
  const run = python("source.py", chunk, random.pick(["sequence", "alternate"]), ...streams);
  return { actor: { run, outputs: { audit: fd } }, streams: { stdout: first, audit: second } };
};

const withStderr: SourceKind = (random, size) => {
  const [first, second] = [size(), size()];
  const streams = random.shuffle([`1:${drawStream(random, first)}`, `2:${drawStream(random, second)}`]);
  const run = python(
    "source.py",
    drawChunk(random, first + second),
    random.pick(["sequence", "alternate"]),
    ...streams,
  );
  return { actor: { run }, streams: { stdout: first, stderr: second } };
};

const numbers: SourceKind = (random, size) => {
  const bytes = size();
  const sh = `seq ${random.int(1, 9)}00000 999999999 | head -c ${bytes}`;
  return { actor: { sh }, streams: { stdout: bytes } };
};

const value: SourceKind = (random, size) => {
  const bytes = Math.min(size(), 100_000);
  const text = `${random.int(1, 999_999)} pears and no apple, `;
  const value = text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);
  return random.chance(0.2)
    ? { actor: { value: { amount: bytes, of: [text] } }, streams: { stdout: SMALL } }
    : { actor: { value }, streams: { stdout: bytes } };
};

/** Weights and kinds of sources that are a process or a literal. */
export const sourceKinds: readonly (readonly [number, SourceKind])[] = [
  [4, source],
  [2, twoStreams],
  [1, withStderr],
  [3, numbers],
  [2, value],
];

const same = (...words: readonly string[]): FilterKind => (_, bytes) => ({
  actor: { run: words },
  streams: { stdout: bytes },
});

const script = (sh: string): FilterKind => (_, bytes) => ({ actor: { sh }, streams: { stdout: bytes } });

const summary = (...words: readonly string[]): FilterKind => () => ({
  actor: { run: words },
  streams: { stdout: SMALL },
});

const take: FilterKind = (random, bytes) => {
  const taken = random.chance(0.3) ? random.int(0, bytes) : random.pick(TAKEN);
  const run = random.chance(0.5) ? ["head", "-c", String(taken)] : python("take.py", taken);
  return { actor: { run }, streams: { stdout: Math.min(taken, bytes) } };
};

const copyTo: FilterKind = (random, bytes) => {
  const fd = random.pick(FDS);
  // Programs of the shell's kind may end while their standard error is read: then it is an empty stream.
  const [port, to] = random.chance(0.2) ? ["stderr", 2] as const : ["audit", fd] as const;
  const order = bytes <= HELD_BYTES_MAX && random.chance(0.5) ? "sequence" : "alternate";
  const run = python("copy_to.py", order, ...random.shuffle([1, to]));
  const outputs = port === "audit" ? { outputs: { audit: fd } } : {};
  return { actor: { run, ...outputs }, streams: { stdout: bytes, [port]: bytes } };
};

const tee: FilterKind = (random, bytes) => ({
  actor: { run: ["tee", "{out.audit}"], outputs: { audit: random.pick(FDS) } },
  streams: { stdout: bytes, audit: bytes },
});

const both: FilterKind = (random, bytes) => {
  const fd = random.pick(FDS);
  return {
    actor: { run: node("both.mjs", fd), outputs: { audit: fd } },
    streams: { stdout: bytes, audit: bytes },
  };
};

const accepted: FilterKind = (random, bytes) => {
  const code = random.int(1, 9);
  return { actor: { sh: `cat; exit ${code}`, ok: [code] }, streams: { stdout: bytes } };
};

const withEmptyStderr: FilterKind = (_, bytes) => ({
  actor: { run: ["cat"] },
  streams: { stdout: bytes, stderr: 0 },
});

/** Kinds whose output is small, for what is read when enough bytes are on their way. */
export const summaryKinds: readonly (readonly [number, FilterKind])[] = [
  [1, summary("wc", "-c")],
  [1, summary("md5sum")],
  [1, summary("tail", "-c", "4000")],
  [1, summary("head", "-c", "4000")],
  [1, (random, bytes) => take(random, Math.min(bytes, 4000))],
];

/** Weights and kinds of actors that read stdin. */
export const filterKinds: readonly (readonly [number, FilterKind])[] = [
  [4, same("cat")],
  [2, same("tr", "a-m", "A-M")],
  [1, same("dd", "bs=1000", "status=none")],
  [1, script("tr n-z N-Z | cat")],
  [1, script('cat >"$TMPDIR/$SLUICE_ACTOR"; cat "$TMPDIR/$SLUICE_ACTOR"')],
  [4, take],
  [2, copyTo],
  [1, tee],
  [1, both],
  [1, accepted],
  [1, withEmptyStderr],
  [1, same(...python("event_loop.py", "-"))],
  [2, same(...node("turn_over.mjs"))],
  [1, summary("wc", "-c")],
];

/** Filters that hold all they read. */
export const holdingKinds: readonly (readonly [number, FilterKind])[] = [
  [2, same("sort")],
  [1, same("tac")],
  [2, same(...python("hold.py"))],
];

const pathOf = (name: string): string => (name === "stdin" ? "-" : `{in.${name}}`);

const inSomeOrder = (...words: readonly string[]): JoinKind => (random, { names, bytes }) => ({
  actor: { run: [...words, ...random.shuffle(names).map(pathOf)] },
  streams: { stdout: bytes },
});

/** Reads one port alone; the others have a reader that never reads. */
const onlyOne: JoinKind = (random, { names, bytes }) => ({
  actor: { run: ["cat", pathOf(random.pick(names))] },
  streams: { stdout: bytes },
});

const zip: JoinKind = (random, { names, bytes }) => {
  const size = bytes < 3000 ? random.int(1, 9) : random.pick([1000, 65_536, 1_048_576]);
  const run = python("zip.py", size, ...random.shuffle(names).map(pathOf));
  return { actor: { run }, streams: { stdout: bytes } };
};

const split: JoinKind = (random, { names, bytes }) => {
  const fds = [3, 4, 7, 8].slice(0, Math.max(1, names.length - 1));
  const outputs = Object.fromEntries(fds.map((fd) => [`copy${fd}`, fd]));
  const words = random.shuffle(names).map((name, index) => `${[1, ...fds][index]}:${pathOf(name)}`);
  const streams = Object.fromEntries(Object.keys(outputs).map((port) => [port, bytes]));
  return {
    actor: { run: python("threads.py", "split", ...words), outputs },
    streams: { stdout: bytes, ...streams },
  };
};

const scripted: JoinKind = (random, { names, bytes }) => {
  const read = names.map((name) => name === "stdin" ? "cat" : `cat "$SLUICE_IN_${name.toUpperCase()}"`);
  const tails = ["", " | tr a-m A-M", " | tr n-z N-Z | cat", " | head -c 1000"];
  const sh = random.shuffle(read).map((command) => command + random.pick(tails)).join("; ");
  return { actor: { sh }, streams: { stdout: bytes } };
};

const twoLists: JoinKind = (random, { names, bytes }) => {
  const paths = random.shuffle(names.filter((name) => name !== "stdin")).slice(0, 2).map(pathOf);
  const [left = "/dev/null", right = "/dev/null"] = paths;
  return { actor: { run: ["sh", "actors/two_lists.sh", left, right] }, streams: { stdout: bytes } };
};

/** Weights and kinds of actors that read named ports. */
export const joinKinds: readonly (readonly [number, JoinKind])[] = [
  [3, inSomeOrder("cat")],
  [2, inSomeOrder(...node("in_turn.mjs"))],
  [1, onlyOne],
  [2, zip],
  [1, split],
  [3, scripted],
  [1, twoLists],
];

/** Of these, those that hold what they read. */
export const holdingJoinKinds: readonly (readonly [number, JoinKind])[] = [
  [1, inSomeOrder("paste", "-d", ",")],
  [1, inSomeOrder(...node("at_once.mjs"))],
  [1, inSomeOrder(...python("event_loop.py"))],
  [1, inSomeOrder(...python("threads.py", "join"))],
];
