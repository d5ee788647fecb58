/**
 * Flow files and command lines that nobody should write: each ends in order, or is refused with what is wrong. The long
 * run is `npm run fuzz -- --count 20000`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { BASE_FLOWS } from "./base_flows.ts";
import { checkSpoiled } from "./check_spoiled.ts";
import { makeWords, readWords, RUNTIMES, runWords } from "./command_line.ts";
import { spoilFlow } from "./spoil_flow.ts";

const SEED = 1 + Math.floor(Date.now() % 1_000_000);
const FLOWS = 300;
const LINES = 2_000;
const RUNS = 4;
const TIMEOUT_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "flow.json");

test("what is spoiled was good", async () => {
  for (const { name, folder, value } of BASE_FLOWS) {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    expect({ name, ...await checkSpoiled({ seed: 0, folder, bytes }, file) })
      .toEqual({ name, isGood: true, problems: [] });
  }
});

test(`a spoiled flow file is refused with what is wrong, or can be told of (seed ${SEED})`, async () => {
  for (let seed = SEED; seed < SEED + FLOWS; seed++) {
    const { problems } = await checkSpoiled(spoilFlow(seed), file);
    expect({ seed, problems }).toEqual({ seed, problems: [] });
  }
}, TIMEOUT_MS);

test(`an odd command line is read, or refused with what is wrong (seed ${SEED})`, () => {
  for (let seed = SEED; seed < SEED + LINES; seed++) {
    expect({ seed, problems: readWords(makeWords(seed)) }).toEqual({ seed, problems: [] });
  }
});

describe.each(RUNTIMES)("on $name", (runtime) => {
  test(`the program answers an odd command line with an exit code that is documented (seed ${SEED})`, () => {
    for (let seed = SEED; seed < SEED + RUNS; seed++) {
      const words = makeWords(seed);
      expect({ seed, words, problems: runWords(words, runtime) }).toEqual({ seed, words, problems: [] });
    }
  }, TIMEOUT_MS);
});
