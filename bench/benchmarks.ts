/**
 * What is measured, against whom. Sizes are for two cores; `--scale` multiplies them.
 */
import type { Benchmark, Row } from "./harness.ts";
import { deadlockBenchmarks } from "./deadlock.ts";
import { splitBenchmarks } from "./split.ts";
import { workerBenchmarks } from "./workers.ts";
import { engines, peer, writeFlow, writeScratch } from "./harness.ts";

const GIB = 1024 ** 3;

/** All benchmarks, by name; each is made only when it is run. */
export const benchmarks: Readonly<Record<string, (scale: number) => readonly Benchmark[]>> = {
  chain: (scale) => [1, 4, 16].map((count) => chain(count, 4 * scale)),
  fanout: (scale) => [2, 8].map((count) => fanOut(count, scale)),
  join: (scale) => [join(scale)],
  actors: (scale) => [shortActors(Math.round(1000 * scale))],
  start: () => [startUp()],
  plan: (scale) => [plan(Math.round(10_000 * scale))],
  capture: (scale) => [capture(scale)],
  memory: (scale) => [1, 4, 16].map((size) => memory(size * scale)),
  ...deadlockBenchmarks,
  ...workerBenchmarks,
  ...splitBenchmarks,
};

function ours(flow: string, expected: string | undefined, ...args: string[]): readonly Row[] {
  return engines.map(({ label, command }) => ({ label, command: [...command, ...args, flow], expected }));
}

/** Is a chain of processes as fast as in a shell? */
function chain(count: number, gib: number): Benchmark {
  const bytes = Math.round(gib * GIB);
  const cats = Array.from({ length: count }, (_, at) => `cat${at}`);
  const flow = writeFlow(`chain${count}`, {
    actors: {
      zeros: { run: ["head", "-c", String(bytes), "/dev/zero"] },
      ...Object.fromEntries(cats.map((name, at) => [name, { run: ["cat"], in: cats[at - 1] ?? "zeros" }])),
      count: { run: ["wc", "-c"], in: cats.at(-1) },
    },
  });
  const line = `head -c ${bytes} /dev/zero ${cats.map(() => "| cat").join(" ")} | wc -c`;
  const small = Math.round(bytes / 16);
  const all = String(bytes);
  return {
    name: `chain of ${count}`,
    question: `Is a chain of ${count} \`cat\` over ${gib} GiB as fast as in a shell?`,
    rounds: 3,
    work: { amount: gib, unit: "GiB" },
    rows: [
      { label: "bash", command: ["bash", "-c", line], expected: all },
      ...ours(flow, all),
      {
        label: "Bun Shell",
        command: peer("bun", "chain.mjs", "bun-shell", String(count), all),
        expected: all,
      },
      {
        label: "execa, buffer: false",
        command: peer("node", "chain.mjs", "execa", String(count), String(small)),
        expected: String(small),
        share: 1 / 16,
      },
      {
        label: "zx",
        command: peer("node", "chain.mjs", "zx", String(count), String(small)),
        expected: String(small),
        share: 1 / 16,
      },
      {
        label: "dax",
        command: peer("node", "chain.mjs", "dax", String(count), String(small)),
        expected: String(small),
        share: 1 / 16,
      },
    ],
  };
}

/** Is a copy to several readers faster than `tee`? */
function fanOut(count: number, gib: number): Benchmark {
  const bytes = Math.round(gib * GIB);
  const readers = Array.from({ length: count }, (_, at) => `r${at}`);
  // Each reader is an output of its own, so that no join is part of the measurement.
  const flow = writeFlow(`fanout${count}`, {
    actors: {
      zeros: { run: ["head", "-c", String(bytes), "/dev/zero"] },
      ...Object.fromEntries(readers.map((name) => [name, { sh: "cat > /dev/null", in: "zeros" }])),
    },
    out: Object.fromEntries(readers.map((name) => [`${name}.out`, name])),
  });
  const tee = readers.slice(1).map(() => ">(cat > /dev/null)").join(" ");
  return {
    name: `fan-out to ${count}`,
    question: `Is a copy of ${gib} GiB to ${count} readers faster than with \`tee\`?`,
    rounds: 3,
    work: { amount: gib, unit: "GiB" },
    rows: [
      {
        label: "bash with tee",
        command: ["bash", "-c", `head -c ${bytes} /dev/zero | tee ${tee} | cat > /dev/null; wait`],
      },
      ...ours(flow, undefined),
    ],
  };
}

/** What does an ordered join cost? */
function join(gib: number): Benchmark {
  const bytes = Math.round(gib * GIB / 4);
  const parts = ["a", "b", "c", "d"];
  const flow = writeFlow("join", {
    actors: {
      ...Object.fromEntries(parts.map((name) => [name, { run: ["head", "-c", String(bytes), "/dev/zero"] }])),
      count: { run: ["wc", "-c"], in: parts },
    },
  });
  const head = `head -c ${bytes} /dev/zero`;
  const all = String(bytes * 4);
  return {
    name: "join by concat",
    question: `What does it cost to join four streams of ${gib / 4} GiB in order?`,
    rounds: 3,
    work: { amount: gib, unit: "GiB" },
    rows: [
      {
        label: "bash with cat <( ) …",
        command: ["bash", "-c", `cat ${parts.map(() => `<(${head})`).join(" ")} | wc -c`],
        expected: all,
      },
      {
        label: "bash one after the other",
        command: ["bash", "-c", `{ ${parts.map(() => head).join("; ")}; } | wc -c`],
        expected: all,
      },
      ...ours(flow, all),
    ],
  };
}

/** What does it cost to keep every byte? */
function capture(gib: number): Benchmark {
  const bytes = Math.round(gib * GIB);
  const flow = writeFlow("capture", {
    actors: {
      zeros: { run: ["head", "-c", String(bytes), "/dev/zero"] },
      cat0: { run: ["cat"], in: "zeros" },
      cat1: { run: ["cat"], in: "cat0" },
      count: { run: ["wc", "-c"], in: "cat1" },
    },
  });
  const head = `head -c ${bytes} /dev/zero`;
  const all = String(bytes);
  const fresh = (...files: readonly string[]): string => `rm -f ${files.join(" ")}; `;
  const shell = (line: string): readonly string[] => ["bash", "-c", line];
  return {
    name: "capture",
    question: `What does it cost to capture a chain of two \`cat\` over ${gib} GiB, which are ${
      3 * gib
    } GiB to be written?`,
    rounds: 5,
    work: { amount: gib, unit: "GiB" },
    rows: [
      { label: "bash, nothing kept", command: shell(`${head} | cat | cat | wc -c`), expected: all },
      {
        label: "bash, `tee` into three files",
        command: shell(
          `${fresh("t0", "t1", "t2")}${head} | tee t0 | cat | tee t1 | cat | tee t2 | wc -c; rm t?`,
        ),
        expected: all,
      },
      {
        label: `${3 * gib} GiB into one file, nothing else`,
        command: shell(`${fresh("f")}head -c ${3 * bytes} /dev/zero > f; rm f`),
      },
      ...ours(flow, all),
      ...ours(flow, all).map(({ label, command }) => ({
        label: `${label}, --db`,
        command: shell(`${fresh("run.db")}exec ${command.join(" ")} --db run.db`),
        expected: all,
      })),
    ],
  };
}

/** How much does an actor cost? */
function shortActors(count: number): Benchmark {
  const flow = writeFlow("actors", {
    actors: Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, { run: ["/bin/true"] }])),
  });
  const makefile = writeScratch(
    "Makefile",
    `all: ${Array.from({ length: count }, (_, at) => `t${at}`).join(" ")}\nt%:\n\t@/bin/true\n`,
  );
  return {
    name: `${count} short actors`,
    question: `How long do ${count} processes take that do nothing?`,
    rounds: 5,
    work: { amount: count, unit: "processes" },
    rows: [
      { label: "bash for", command: ["bash", "-c", `for i in $(seq ${count}); do /bin/true; done`] },
      ...ours(flow, ""),
      {
        label: "bash & and wait",
        command: ["bash", "-c", `for i in $(seq ${count}); do /bin/true & done; wait`],
      },
      { label: "xargs -P2 -n1", command: ["bash", "-c", `seq ${count} | xargs -P2 -n1 /bin/true`] },
      { label: "make -j2", command: ["make", "-s", "-j2", "-f", makefile] },
    ],
  };
}

/** How long until the first byte? */
function startUp(): Benchmark {
  const flow = writeFlow("start", { actors: { hi: { run: ["echo", "hi"] } } });
  return {
    name: "start-up",
    question: "How long does the smallest flow take, all included?",
    rounds: 15,
    rows: [
      { label: "sh -c", command: ["sh", "-c", "echo hi | cat"], expected: "hi" },
      ...ours(flow, "hi"),
      ...(["execa", "zx", "dax"] as const).map((tool) => ({
        label: tool,
        command: peer("node", "hello.mjs", tool),
        expected: "hi",
      })),
      { label: "Bun Shell", command: peer("bun", "hello.mjs", "bun-shell"), expected: "hi" },
    ],
  };
}

/** How long does planning take? Layers of 100, two inputs each. */
function plan(count: number): Benchmark {
  const name = (at: number): string => `a${at}`;
  const actors = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      name(at),
      at < 100
        ? { run: ["true"] }
        : { run: ["true"], in: [name(at - 100), name(at - 100 + (at % 100 === 99 ? -1 : 1))] },
    ]),
  );
  const last = Array.from({ length: 100 }, (_, at) => name(count - 100 + at));
  const flow = writeFlow("plan", { actors, out: last });
  const rules = Object.entries(actors).map(([target, actor]) =>
    `${target}: ${"in" in actor ? actor.in?.join(" ") : ""}\n\t@true\n`
  );
  const makefile = writeScratch("Plan.mk", `all: ${last.join(" ")}\n${rules.join("")}`);
  return {
    name: `planning ${count} actors`,
    question: `How long does it take to check and plan ${count} actors?`,
    rounds: 5,
    rows: [
      { label: "make -n", command: ["make", "-n", "-f", makefile] },
      ...ours(flow, undefined, "check").map((row) => ({ ...row, label: `${row.label}, check` })),
      ...ours(flow, undefined, "run", "--dry-run").map((row) => ({
        ...row,
        label: `${row.label}, --dry-run`,
      })),
    ],
  };
}

/** Is the engine's memory flat in the size of the data? */
function memory(gib: number): Benchmark {
  const bytes = Math.round(gib * GIB);
  const flow = writeFlow(`memory${gib}`, {
    actors: {
      zeros: { run: ["head", "-c", String(bytes), "/dev/zero"] },
      copy: { run: ["cat"], in: "zeros" },
      count: { run: ["wc", "-c"], in: "copy" },
    },
  });
  const relayed = writeFlow(`memory${gib}-relayed`, {
    actors: {
      zeros: { run: ["head", "-c", String(bytes), "/dev/zero"] },
      a: { run: ["wc", "-c"], in: "zeros" },
      b: { run: ["wc", "-c"], in: "zeros" },
    },
  });
  const all = String(bytes);
  return {
    name: `memory over ${gib} GiB`,
    question:
      `What does the engine hold at most while ${gib} GiB pass: through kernel pipes, and through a fan-out to two?`,
    rounds: 1,
    work: { amount: gib, unit: "GiB" },
    rows: [
      { label: "Bun Shell", command: peer("bun", "chain.mjs", "bun-shell", "1", all), expected: all },
      ...ours(flow, all),
      ...ours(relayed, `${all} ${all}`).map((row) => ({ ...row, label: `${row.label}, fan-out` })),
    ],
  };
}
