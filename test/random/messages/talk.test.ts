/** A few random flows of messages on each runtime; `talk_main.ts` runs thousands. */
import { describe, expect, it } from "vitest";
import { runtimeNames } from "../flow_case.ts";
import { makeTalk } from "./talk_case.ts";
import { runTalk } from "./talk_run.ts";

const FLOWS = 9;
const FIRST_SEED = 1000;
const RECORDS_MAX = 60;

describe("random flows of messages", () => {
  it.each(Array.from({ length: FLOWS }, (_, index) => FIRST_SEED + index))("seed %i", async (seed) => {
    const runtime = runtimeNames[seed % runtimeNames.length];
    expect(await runTalk(makeTalk(seed, { runtime, recordsMax: RECORDS_MAX }))).toEqual([]);
  });
});
