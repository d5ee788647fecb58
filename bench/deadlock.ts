/**
 * What a shell hangs on: a stream that is copied, and whose copies are joined again in order. Against what people do
 * about it today: files in between, `sponge`, GNU parallel, a large buffer.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Benchmark, Row } from "./harness.ts";
import { engines, writeFlow, writeScratch } from "./harness.ts";

const MIB = 1024 ** 2;

/** All of them, by name. */
export const deadlockBenchmarks: Readonly<Record<string, (scale: number) => readonly Benchmark[]>> = {
  diamond: (scale) => [classic(Math.round(1e7 * scale)), wide({ count: 2, mib: 1024 * scale })],
  rejoin: (scale) => [128, 512].map((mib) => wide({ count: 8, mib: mib * scale })),
  layers: (scale) => [layers(Math.round(10_000 * scale))],
  diamondMemory: (scale) => [diamondMemory(16 * scale)],
};

/** The smallest flow that hangs in a shell, with numbers for data. */
function classic(lines: number): Benchmark {
  const flow = writeFlow("classic", {
    actors: {
      src: { run: ["seq", String(lines)] },
      a: { run: ["cat"], in: "src" },
      b: { run: ["cat"], in: "src" },
      join: { run: ["wc", "-l"], in: ["a", "b"] },
    },
  });
  const expected = String(lines * 2);
  const files = inFolder(`seq ${lines} > src; cat src > a; cat src > b; cat a b | wc -l`);
  const tee = inFolder(`seq ${lines} | tee a b > /dev/null; cat a b | wc -l`);
  const pipes = inFolder(
    `mkfifo s a b; cat < s > b & seq ${lines} | tee s | cat > a & exec 3< a 4< b; { cat <&3; cat <&4; } | wc -l`,
  );
  return {
    name: `diamond over seq ${lines}`,
    question: "The classic: two branches joined in order. How fast, compared with files in between?",
    rounds: 5,
    rows: [
      { label: "each actor through files", command: files, expected },
      { label: "tee to files, then cat", command: tee, expected },
      ...engines.map(({ label, command }) => ({ label, command: [...command, flow], expected })),
      { label: "bash with pipes", command: pipes, expected, timeoutMs: 10_000 },
    ],
  };
}

/** W3 and W4 of the peers: identity branches, joined in order, and a checksum at the end. */
function wide({ count, mib }: { readonly count: number; readonly mib: number }): Benchmark {
  const bytes = Math.round(mib * MIB);
  const names = Array.from({ length: count }, (_, at) => `f${at}`);
  const flow = (name: string, limits: object): string =>
    writeFlow(`rejoin${count}-${mib}-${name}`, {
      actors: {
        src: { run: ["head", "-c", String(bytes), "/dev/zero"] },
        ...Object.fromEntries(names.map((branch) => [branch, { run: ["cat"], in: "src" }])),
        sum: { run: ["md5sum"], in: names },
      },
      limits,
    });
  const source = `head -c ${bytes} /dev/zero`;
  const expected = execFileSync("bash", ["-c", `head -c ${bytes * count} /dev/zero | md5sum`], {
    encoding: "utf8",
  }).trim().replace(/\s+/g, " ");
  const sinks = names.slice(0, -1);
  /** Named pipes opened at once, so that only their capacity can hang; each branch is held up by `hold`. */
  const pipes = (hold: string): string =>
    `mkfifo ${names.map((name) => `i${name} ${name}`).join(" ")}; ${
      names.map((name) => `cat < i${name} | ${hold} > ${name} &`).join(" ")
    } ${source} | tee ${sinks.map((name) => `i${name}`).join(" ")} > i${names.at(-1)} & ` +
    `${names.map((name, at) => `exec ${at + 10}< ${name};`).join(" ")} { ${
      names.map((_, at) => `cat <&${at + 10};`).join(" ")
    } } | md5sum`;
  const capped = { memory: "64MiB" };
  const rows: Row[] = [
    {
      label: "bash, tee to files, then cat",
      command: inFolder(
        `${source} | tee ${sinks.join(" ")} > ${names.at(-1)}; cat ${names.join(" ")} | md5sum`,
      ),
      expected,
    },
    ...engines.map(({ label, command }) => ({
      label: `${label}, memory 64MiB`,
      command: [...command, flow("capped", capped)],
      expected,
    })),
    ...peers([
      ["sponge", "sponge in each branch", pipes("sponge")],
      ["mbuffer", "mbuffer -m 256M in each branch", pipes("mbuffer -q -m 256M")],
      [
        "parallel",
        "GNU parallel --pipe --tee -k",
        `${source} | parallel --will-cite -j${count} --pipe --tee -k cat {1} ::: ${
          names.map(() => "-").join(" ")
        } | md5sum`,
      ],
    ], expected),
    { label: "bash with pipes", command: inFolder(pipes("cat")), expected, timeoutMs: 20_000 },
  ];
  return {
    name: `fan-out to ${count}, ordered join, ${mib} MiB`,
    question: `${mib} MiB are copied to ${count} branches, and what they write is joined in order.`,
    rounds: 3,
    work: { amount: mib * count, unit: "MiB" },
    rows,
  };
}

function peers(
  known: readonly (readonly [tool: string, label: string, script: string])[],
  expected: string,
): readonly Row[] {
  return known.flatMap(([tool, label, script]) => {
    if (!existsSync(`/usr/bin/${tool}`)) return [];
    return [{ label, command: inFolder(script), expected, timeoutMs: 60_000 }];
  });
}

/** A shell script in an empty folder of its own. */
function inFolder(script: string): readonly string[] {
  return ["bash", "-c", `d=$(mktemp -d -p .) && cd "$d" && { ${script}; }`];
}

/** W9 of the peers: does a limit on processes cost much? */
function layers(count: number): Benchmark {
  const name = (at: number): string => `a${at}`;
  const inputs = (at: number): readonly string[] =>
    at < 100 ? [] : [name(at - 100), name(at - 100 + (at % 100 === 99 ? -1 : 1))];
  const all = Array.from({ length: count }, (_, at) => at);
  const flow = writeFlow("layers", {
    actors: Object.fromEntries(all.map((at) => [name(at), { run: ["/bin/true"], in: inputs(at) }])),
    out: all.slice(-100).map(name),
  });
  const makefile = writeScratch(
    "Layers.mk",
    `all: ${all.slice(-100).map(name).join(" ")}\n${
      all.map((at) => `${name(at)}: ${inputs(at).join(" ")}\n\t@/bin/true\n`).join("")
    }`,
  );
  return {
    name: `${count} actors in layers of 100, two at a time`,
    question: `Each reads two of the layer before it; \`--processes 2\` against \`make -j2\`.`,
    rounds: 3,
    work: { amount: count, unit: "processes" },
    rows: [
      { label: "make -j2", command: ["make", "-s", "-j2", "-f", makefile] },
      ...engines.map(({ label, command }) => ({
        label,
        command: [...command, "--processes", "2", flow],
        expected: "",
      })),
    ],
  };
}

/** Does the engine's memory stay within the limit of the flow? */
function diamondMemory(gib: number): Benchmark {
  const diamond = (bytes: number): string =>
    writeFlow(`diamond-memory-${bytes}`, {
      actors: {
        src: { run: ["head", "-c", String(bytes), "/dev/zero"] },
        a: { run: ["cat"], in: "src" },
        b: { run: ["cat"], in: "src" },
        size: { run: ["wc", "-c"], in: ["a", "b"] },
      },
      limits: { memory: "64MiB" },
    });
  const bytes = Math.round(gib * 1024 * MIB);
  const small = Math.round(MIB);
  return {
    name: `memory of a diamond over ${gib} GiB`,
    question:
      `What does the engine hold while ${gib} GiB pass a fan-out and an ordered join, with limits.memory 64 MiB?`,
    rounds: 1,
    rows: engines.flatMap(({ label, command }) => [
      { label: `${label}, 1 MiB`, command: [...command, diamond(small)], expected: String(small * 2) },
      {
        label: `${label}, ${gib} GiB`,
        command: [...command, diamond(bytes)],
        expected: String(bytes * 2),
        timeoutMs: 600_000,
      },
    ]),
  };
}
