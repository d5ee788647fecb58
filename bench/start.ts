/**
 * How long does it take until the smallest flow is over, and where does it go? `node bench/start.ts [--against FOLDER]…
 * [--rounds N] [--modules]`
 *
 * Every command is run once in each round, so that all see the same machine. Told are the least and the middle of the
 * rounds, processor time too, which counts less of what others do, and for the engine its ratio to the least that its
 * runtime takes. `--against` adds another tree of this project, such as `git worktree add ../before COMMIT`;
 * `--modules` counts what is loaded instead.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { folder, peer, root, writeFlow, writeScratch } from "./harness.ts";
import { timeCommand } from "./timed.ts";

interface Row {
  readonly label: string;
  readonly command: readonly string[];
  /** The row that is its floor. */
  readonly floor?: string;
}

interface Took {
  readonly ms: number;
  readonly processorMs: number;
}

const { values } = parseArgs({
  options: {
    against: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "20" },
    modules: { type: "boolean", default: false },
  },
});
const bin = join(root, "node_modules", ".bin");
const flow = writeFlow("start", {
  actors: { hi: { run: ["echo", "hi"] }, shown: { run: ["cat"], in: "hi" } },
});
const trees = [root, ...values.against.map((path) => resolve(path))];
if (values.modules) trees.forEach(tellModules);
else await measureAll(Number(values.rounds));

function listRows(): readonly Row[] {
  return [
    { label: "sh", command: ["sh", "-c", "echo hi | cat"] },
    { label: "deno eval", command: [join(bin, "deno"), "eval", "1"] },
    { label: "bun shell", command: peer("bun", "hello.mjs", "bun-shell") },
    { label: "node -e", command: [join(bin, "node"), "-e", "1"] },
    ...(["execa", "zx", "dax"] as const).map((tool) => ({
      label: tool,
      command: peer("node", "hello.mjs", tool),
    })),
    ...trees.flatMap((tree) => {
      const where = tree === root ? "" : ` in ${tree}`;
      const main = join(tree, "mod.ts");
      return [
        { label: `deno${where}`, command: [join(bin, "deno"), "run", "-A", main, flow], floor: "deno eval" },
        { label: `bun${where}`, command: [join(bin, "bun"), main, flow], floor: "bun shell" },
        { label: `node${where}`, command: [join(bin, "node"), main, flow], floor: "node -e" },
        { label: `installed${where}`, command: [join(tree, "bin", "sluice"), flow], floor: "node -e" },
      ];
    }),
  ];
}

async function measureAll(rounds: number): Promise<void> {
  const rows = listRows();
  const took = new Map<string, Took[]>(rows.map(({ label }) => [label, []]));
  // The first round fills caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const { label, command } of rows) {
      const one = await measure(command);
      if (round > 0) took.get(label)?.push(one);
    }
  }
  const load = readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(" ");
  console.log(`${rounds} rounds, load ${load}; ms\n`);
  console.log(`| | least | middle | processor, least | ratio: least | middle | processor |`);
  console.log("|---|---|---|---|---|---|---|");
  const of = (label: string): { ms: readonly number[]; processorMs: readonly number[] } => {
    const all = took.get(label) ?? [];
    const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);
    return { ms: sorted(all.map(({ ms }) => ms)), processorMs: sorted(all.map((one) => one.processorMs)) };
  };
  for (const { label, floor } of rows) {
    const own = figures(of(label));
    const least = floor === undefined ? undefined : figures(of(floor));
    const ratios = own.map((value, at) => least === undefined ? "" : (value / (least[at] ?? 1)).toFixed(2));
    console.log(`| ${[label, ...own.map((value) => value.toFixed(0)), ...ratios].join(" | ")} |`);
  }
}

function figures(
  { ms, processorMs }: { readonly ms: readonly number[]; readonly processorMs: readonly number[] },
): readonly number[] {
  return [ms[0] ?? 0, ms[Math.floor(ms.length / 2)] ?? 0, processorMs[0] ?? 0];
}

async function measure(command: readonly string[]): Promise<Took> {
  const { problem, stdout, ...took } = await timeCommand(command, { cwd: folder });
  if (problem !== undefined) throw new Error(`${command.join(" ")}: ${problem} ${stdout}`);
  return took;
}

/** What Node loads in the main thread for the flow; the other runtimes load the same files. */
function tellModules(tree: string): void {
  const list = writeScratch("loaded.txt", "");
  const hook = writeScratch(
    "hook.mjs",
    `import { registerHooks } from "node:module";
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
registerHooks({ load(url, context, next) {
  if (isMainThread) appendFileSync(${JSON.stringify(list)}, url + "\\n");
  return next(url, context);
} });`,
  );
  const { status, stderr } = spawnSync(join(bin, "node"), ["--import", hook, join(tree, "mod.ts"), flow], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const urls = readFileSync(list, "utf8").trim().split("\n").filter((url) => url.startsWith("file:"));
  const rooms = new Map<string, number>();
  for (const url of urls) {
    const room = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ??
      /\/lib\/([^/]+)\//.exec(url)?.[1] ?? "mod.ts";
    rooms.set(room, (rooms.get(room) ?? 0) + 1);
  }
  console.log(`${tree}: ${urls.length} files are loaded`);
  for (const [room, count] of [...rooms].sort()) console.log(`  ${count} ${room}`);
}
