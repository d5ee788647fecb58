/** Hundreds of small files in a flow whose engine may have fewer descriptors than that. */
import { type FlowCase, isStreams, listOf, type PlainActor, type PlainFlow } from "./flow_case.ts";
import { makeRandom, type Random } from "./prng.ts";

const FILES = 300;
const OPEN_FILES_MAX = 256;
/** One case in so many has them. */
const RARITY = 25;

/** Who reads all of them. */
const readers: readonly ((files: readonly string[]) => PlainActor)[] = [
  (files) => ({ run: ["cat"], in: files }),
  (files) => ({ run: ["wc", "-l"], in: files }),
  (files) => ({ run: ["sort"], in: files, merge: "lines" }),
  (files) => ({ run: ["cat", "{in.left}"], in: { left: files } }),
  (files) => ({ run: ["cat", "{in.left}"], in: { left: { from: files, as: "file" } } }),
  (files) => ({ run: ["tr", "a-m", "A-M"], in: files, workers: { count: 2, block: "1KiB" } }),
  (files) => ({ run: ["cat"], in: files, retry: 1 }),
  (files) => ({ run: ["cat"], in: files, cache: true }),
  (files) => ({ run: ["head", "-c", "3000"], in: files }),
];

/** The case itself, or in some the same with many files more. `isWanted`: in this one; drawn if undefined. */
export function addManyFiles(flowCase: FlowCase, isWanted?: boolean): FlowCase {
  const random = makeRandom(flowCase.seed, "many files");
  const isDrawn = random.chance(1 / RARITY);
  if (!(isWanted ?? isDrawn)) return flowCase;
  const names = Array.from({ length: FILES }, (_, at) => `f${at}`);
  const sources = names.map((name): [string, PlainActor] => [name, { file: `${name}.dat` }]);
  const read = random.shuffle(readers).slice(0, random.int(1, 3)).map((make, at): [string, PlainActor] => {
    return [`all${at}`, make(random.chance(0.3) ? random.shuffle(names) : names)];
  });
  const { flow } = flowCase;
  const actors = Object.fromEntries([...sources, ...read, ...Object.entries(flow.actors)]);
  const unread = [...read.map(([name]) => name), ...(random.chance(0.3) ? names : [])];
  return {
    ...flowCase,
    openFilesMax: OPEN_FILES_MAX,
    files: { ...flowCase.files, ...Object.fromEntries(names.map((name) => drawFile(random, name))) },
    flow: { ...flow, actors, ...addOutputs(flow, unread) },
  };
}

function drawFile(random: Random, name: string): [string, string] {
  const bytes = random.weighted([[2, 0], [6, random.int(1, 300)], [1, random.int(1000, 70_000)]]);
  return [`${name}.dat`, `${bytes}:${random.int(0, 9999)}:short`];
}

/** Without `out` and `.end`, what nobody reads is an output anyway. */
function addOutputs(
  { out, aliases }: PlainFlow,
  streams: readonly string[],
): Pick<PlainFlow, "out" | "aliases"> {
  if (out !== undefined) {
    return { out: isStreams(out) ? [...listOf(out), ...streams] : { ...out, "many.txt": streams } };
  }
  const end = aliases?.[".end"];
  return end === undefined ? {} : { aliases: { ...aliases, ".end": [...listOf(end), ...streams] } };
}
