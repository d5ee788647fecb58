/** A few random flows on each runtime, some with faults, and every flow that failed once. `main.ts` runs thousands. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCached } from "./cached_run.ts";
import { faultKinds, runWithFault } from "./faults.ts";
import { runtimeNames } from "./flow_case.ts";
import { generate } from "./generate.ts";
import { runCase } from "./run_case.ts";
import { type Failure, failureFolder } from "./shrink.ts";

const BYTES_MAX = 3_000_000;
const GRAPHS = 12;
const FIRST_SEED = 700;

/** Several times longer than such a flow takes, and shorter than a test may take. */
const limits = { endMs: 40_000, idleMs: 15_000 };

describe("random flows", () => {
  it.each(Array.from({ length: GRAPHS }, (_, index) => FIRST_SEED + index))("seed %i", async (seed) => {
    const runtime = runtimeNames[seed % runtimeNames.length];
    expect(await runCase(generate(seed, { bytesMax: BYTES_MAX, runtime }), limits)).toEqual([]);
  });
});

describe("random flows with hundreds of files under few descriptors", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      const flowCase = generate(seed, { bytesMax: BYTES_MAX, runtime, hasManyFiles: true });
      expect(await runCase(flowCase, limits)).toEqual([]);
    },
  );
});

describe("random flows with actors over sets", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      const flowCase = generate(seed, { bytesMax: BYTES_MAX, runtime, hasSets: true });
      expect(await runCase(flowCase, limits)).toEqual([]);
    },
  );
});

describe("random flows with a flow in them, run again as a whole in some", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      const flowCase = generate(seed, { bytesMax: BYTES_MAX, runtime, hasUses: true });
      expect(await runCase(flowCase, limits)).toEqual([]);
    },
  );
});

describe("random flows with a stream that is split by key", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      const flowCase = generate(seed, { bytesMax: BYTES_MAX, runtime, hasSplits: true });
      expect(await runCase(flowCase, limits)).toEqual([]);
    },
  );
});

describe("random flows with members of a stream", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      const flowCase = generate(seed, { bytesMax: BYTES_MAX, runtime, hasMembers: true });
      expect(await runCase(flowCase, limits)).toEqual([]);
    },
  );
});

describe("random flows, captured", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + GRAPHS + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      const flowCase = { ...generate(seed, { bytesMax: BYTES_MAX, runtime }), isCaptured: true };
      expect(await runCase(flowCase, limits)).toEqual([]);
    },
  );
});

describe("random flows of cached actors, with files changed between their runs", () => {
  it.each(runtimeNames.map((runtime, index) => ({ runtime, seed: FIRST_SEED + index })))(
    "seed $seed on $runtime",
    async ({ runtime, seed }) => {
      expect(await runCached(seed, { runtime, rounds: 3 })).toMatchObject({ problems: [] });
    },
  );
});

describe("random flows with a fault", () => {
  it.each(faultKinds.map((kind, index) => ({ kind, seed: FIRST_SEED + index })))(
    "$kind, seed $seed",
    async ({ kind, seed }) => {
      const { story, problems } = await runWithFault(
        generate(seed, {
          bytesMax: BYTES_MAX,
          hasSets: false,
          hasUses: false,
          hasSplits: false,
          hasMembers: false,
        }),
        {
          limits,
          kind,
        },
      );
      expect({ story, problems }).toEqual({ story, problems: [] });
    },
  );
});

describe("flows that failed once", () => {
  const failures = readdirSync(failureFolder).filter((name) => name.endsWith(".json")).map((name) => {
    // `keepFailure` wrote it, and nobody else does.
    const failure = JSON.parse(readFileSync(join(failureFolder, name), "utf8")) as Failure;
    return { name, ...failure };
  });

  it.each(failures)("$name, found: $found", async ({ flowCase }) => {
    expect(await runCase(flowCase, limits)).toEqual([]);
  });
});
