import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../lib/message/delivery/delivery.ts";
import { GrownSources } from "../../../lib/message/system/grown_sources.ts";
import type { MessageActor } from "../../../lib/message/actors/message_actor.ts";

function makeSources(): GrownSources {
  return new GrownSources({
    // Nobody depends on anything here.
    delivery: undefined as unknown as Delivery,
    tell: () => undefined,
    openFeed: () => ({ add: () => undefined }),
    give: () => undefined,
    closePipe: () => undefined,
  });
}

const actor = { target: { kind: "keyed" } } as unknown as MessageActor;

describe("GrownSources", () => {
  test("remembers the newest processes that have ended, and all that live", () => {
    const sources = makeSources();
    for (let number = 0; number < 5000; number++) {
      const name = `p${number}`;
      sources.add(name, { kind: "bytes", fd: number, taken: [] });
      sources.connect(name, actor);
      if (number === 7) continue; // Lives on.
      sources.noteEnded(name, { state: "done", exit_code: 0 });
      sources.noteRead(number);
    }
    const known = Array.from({ length: 5000 }, (_, number) => number).filter((number) =>
      sources.has(`p${number}`)
    );
    expect([known.length, known[0], known[1], sources.isBusy]).toEqual([1001, 7, 4000, true]);
  });
});
