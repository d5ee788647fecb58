/** Runs with very many actors, made up, and what changes in them: for tests and for `npm run bench:page`. */
import type { PageActor } from "../../lib/report/web/page_actor.ts";
import type { PageEdge } from "../../lib/report/web/page_run.ts";
import { pageActor, START } from "../report/web/page_runs.ts";

/** A tree in which each has three behind it. */
export function manyActors(
  count: number,
): { readonly actors: readonly PageActor[]; readonly edges: readonly PageEdge[] } {
  const actors = Array.from({ length: count }, (_, at) => pageActor(`actor${at}`));
  const edges = actors.slice(1).map(({ name }, at) => ({
    id: at,
    from: `actor${Math.floor(at / 3)}`,
    fromActor: `actor${Math.floor(at / 3)}`,
    to: name,
    toActor: name,
    carrier: "relay" as const,
    reason: "many",
    isOnCycle: false,
    state: "open" as const,
  }));
  return { actors, edges };
}

/** What becomes of a part of them in a round of 200 ms; the parts take turns. */
export function changeOfMany(actors: readonly PageActor[], { round, parts }: {
  readonly round: number;
  readonly parts: number;
}) {
  const time = START + 10_000 + round * 200;
  const size = Math.ceil(actors.length / parts);
  const changed = actors.slice((round % parts) * size, (round % parts + 1) * size);
  return {
    run: { at: time },
    actors: changed.map(({ name }, index) => ({
      name,
      rateOut: round * 1_000 + index,
      bytesOut: round * 1_000,
      waiting: {
        does: (round + index) % 2 === 0 ? "read" as const : "write" as const,
        waitsFor: "actor0",
        since: time,
      },
    })),
    stderr: changed.slice(0, 50).map(({ name }) => ({
      actor: name,
      lines: [`line ${round}`, "x".repeat(50)],
    })),
    messages: Array.from({ length: 50 }, (_, index) => ({
      number: round * 50 + index,
      at: time,
      step: "sent" as const,
      id: `${round}-${index}`,
      type: "T",
      sender: "actor0",
      receiver: "actor1",
      bytes: 1,
    })),
    pieces: changed.slice(0, 100).map(({ name }, index) => ({
      id: round * 100 + index,
      actor: name,
      does: "read" as const,
      from: time,
      to: time + 100,
      waitsFor: "actor0",
    })),
  };
}

/** In the browser: frames a second, over three seconds. */
export const COUNT_FRAMES = `new Promise((done) => {
  const begin = performance.now();
  let count = 0;
  const next = () => {
    count += 1;
    const ms = performance.now() - begin;
    if (ms < 3000) requestAnimationFrame(next);
    else done(count / ms * 1000);
  };
  requestAnimationFrame(next);
})`;
