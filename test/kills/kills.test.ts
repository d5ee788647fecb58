/** The engine is killed at random instants; the long run is `node test/kills/main.ts --count 100`. */
import { describe, expect, it } from "vitest";
import { makeRandom } from "../random/prng.ts";
import { killMessages } from "./kill_messages.ts";
import { killOnce } from "./kill_once.ts";
import { RUNTIMES } from "./kill_runtimes.ts";

const SEED = 1 + Math.floor(Date.now() % 1_000_000);

describe.each(RUNTIMES)("on $name", (runtime) => {
  it(`a killed engine loses no complete work (seed ${SEED})`, async () => {
    for (const step of [0, 1, 2]) {
      const { problems } = await killOnce(runtime, makeRandom(SEED + step, "kills"));
      expect(problems).toEqual([]);
    }
  });

  it(`no accepted message is lost (seed ${SEED})`, async () => {
    for (const step of [0, 1]) {
      const { problems } = await killMessages(runtime, makeRandom(SEED + step, "kills"));
      expect(problems).toEqual([]);
    }
  });
});
