import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { KeptStates } from "../../../lib/message/system/kept_states.ts";
import { SpilledStates } from "../../../lib/store/spilled_states.ts";
import type { NoRoom } from "../../../lib/data/block_store.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-states-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function makeStates({ memoryBytes, bytesMax = 1e9 }: { memoryBytes: number; bytesMax?: number }) {
  const spill = new SpilledStates({ file: join(folder, `${files++}`), bytesMax });
  const refused: NoRoom[] = [];
  const states = new KeptStates({
    memoryBytes,
    spill,
    leftOf: (address) => address === "a/left" ? '"left"' : undefined,
    onNoRoom: (_, cause) => void refused.push(cause),
  });
  return { states, spill, refused };
}

describe("KeptStates", () => {
  test("gives back the newest state of each address, from memory, disk, or an earlier run", () => {
    const { states, spill } = makeStates({ memoryBytes: 10_000 });
    const expected = new Map([["a/left", '"left"']]);
    // Some again and again, some once; keys that a database might take for the same, or cut.
    const odd = ["a/\ud800", "a/\udbff", "a/x\0y", "a/x\0z", "a/", 'a/"', "a/é", "a/e\u0301"];
    for (let n = 0; n < 3000; n++) {
      const address = n % 7 === 0 ? odd[n % odd.length] ?? "" : `a/${(n * 37) % 1000}`;
      const json = JSON.stringify({ n, text: "x".repeat(n % 50) });
      states.save(address, json);
      expected.set(address, json);
    }
    for (const [address, json] of expected) expect([address, states.get(address)]).toEqual([address, json]);
    states.save("a/left", '"new"');
    expect([states.get("a/left"), states.get("b")]).toEqual(['"new"', undefined]);
    spill.close();
  });

  test("holds a hundred thousand of them in a few megabytes", () => {
    const { states, spill } = makeStates({ memoryBytes: 4e6 });
    const json = (n: number) => `"${String(n).padStart(1000, "-")}"`;
    for (let n = 0; n < 100_000; n++) states.save(`a/${n}`, json(n));
    expect(states.heldBytes).toBeLessThan(4e6);
    for (let n = 0; n < 100_000; n++) if (states.get(`a/${n}`) !== json(n)) expect(n).toBe(-1);
    spill.close();
  });

  test("says once that there is no room, and loses nothing", () => {
    const { states, spill, refused } = makeStates({ memoryBytes: 10_000, bytesMax: 200_000 });
    for (let n = 0; n < 1000; n++) states.save(`a/${n}`, `"${String(n).repeat(200)}"`);
    expect(refused).toEqual([{ kind: "limit" }]);
    for (let n = 0; n < 1000; n++) expect(states.get(`a/${n}`)).toBe(`"${String(n).repeat(200)}"`);
    spill.close();
  });
});
