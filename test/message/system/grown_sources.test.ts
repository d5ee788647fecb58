import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../lib/message/delivery/delivery.ts";
import { GrownSources } from "../../../lib/message/system/grown_sources.ts";
import { Feed } from "../../../lib/message/actors/feed.ts";
import type { MessageActor } from "../../../lib/message/actors/message_actor.ts";
import { makeDeadLink } from "../actors.ts";

/** Sources; `feeds` are those that were opened. */
function makeSources(feeds: Feed[]): GrownSources {
  return new GrownSources({
    // Nobody depends on anything here.
    delivery: undefined as unknown as Delivery,
    tell: () => undefined,
    openFeed: (link, actor) => {
      const feed = new Feed({ link, actor, skipped: undefined });
      feeds.push(feed);
      return feed;
    },
    give: () => undefined,
  });
}

const actor = { target: { kind: "keyed" } } as unknown as MessageActor;

describe("GrownSources", () => {
  test("remembers the newest processes that have ended, and all that live", () => {
    const feeds: Feed[] = [];
    const sources = makeSources(feeds);
    for (let number = 0; number < 5000; number++) {
      const name = `p${number}`;
      sources.add(name, { kind: "bytes", output: makeDeadLink().from, taken: [] });
      sources.connect(name, actor);
      if (number === 7) continue; // Lives on.
      sources.noteEnded(name, { state: "done", exit_code: 0 });
      const [feed] = feeds.slice(-1);
      if (feed !== undefined) sources.noteRead(feed);
    }
    const known = Array.from({ length: 5000 }, (_, number) => number).filter((number) =>
      sources.has(`p${number}`)
    );
    expect([known.length, known[0], known[1], sources.isBusy]).toEqual([1001, 7, 4000, true]);
  });
});
