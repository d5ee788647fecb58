/**
 * Calls into the system that fail: each ends in the right result or in a failure that is told. The long run is
 * `npm run faults -- --count 1000`.
 */
import { describe, expect, test } from "vitest";
import { makeRandom } from "../random/prng.ts";
import { chooseFault, describeFault } from "./choose_fault.ts";
import { flowOf, FLOWS } from "./flows.ts";
import { inject } from "./inject.ts";
import { RUNTIMES, whyNotTraced } from "./traced_engine.ts";

const reason = whyNotTraced();
/** The same in each run of the suite: `npm run faults` searches, and what it finds is not the change that is tested. */
const SEED = 1;
const FAULTS = 3;

/** What was once wrong: which calls have to fail to show it. */
const SEEN = [
  {
    title: "a splice that fails is no end of a stream",
    flow: "fan",
    call: "splice",
    error: "EIO",
    at: [6, 8],
  },
  { title: "no room for the folder of the run", flow: "chain", call: "mkdir", error: "ENOSPC", at: [1] },
  { title: "no descriptors for a pipe", flow: "fan", call: "pipe2", error: "EMFILE", at: [3] },
  { title: "no process can be started", flow: "chain", call: "clone3", error: "EAGAIN", at: [2] },
  { title: "the folder of the run cannot be removed", flow: "chain", call: "unlink", error: "EIO", at: [1] },
  { title: "a process cannot be noted", flow: "chain", call: "write", error: "ENOSPC", at: [4] },
  { title: "a standard error cannot be read", flow: "said", call: "read", error: "EIO", at: [9, 10] },
  { title: "a move is refused without a reason", flow: "workers", call: "splice", error: "EAGAIN", at: [6] },
  { title: "an output cannot be made lasting", flow: "fan", call: "fsync", error: "EDQUOT", at: [1] },
  { title: "standard output cannot be made lasting", flow: "chain", call: "fsync", error: "EIO", at: [1, 2] },
];

describe.each(RUNTIMES)("on $name", (runtime) => {
  test.for(SEEN)("$title", async ({ flow, call, error, at: calls }, { skip }) => {
    if (reason !== undefined) return skip(reason);
    for (const at of calls) {
      const fault = { runtime, flow: flowOf(flow), call, error, at };
      expect({ fault: describeFault(fault), ...await inject(fault) }).not.toMatchObject({ kind: "bad" });
    }
  });

  test(`no fault is taken for something else (seed ${SEED})`, async ({ skip }) => {
    if (reason !== undefined) return skip(reason);
    const flow = makeRandom(SEED, "flow of faults").pick(FLOWS).name;
    for (let seed = SEED; seed < SEED + FAULTS; seed++) {
      const fault = await chooseFault(seed, { runtime: runtime.name, flow });
      if (fault === undefined) continue;
      expect({ fault: describeFault(fault), ...await inject(fault) }).not.toMatchObject({ kind: "bad" });
    }
  });
});
