import { describe, expect, test } from "vitest";
import { REST_AFTER, REST_MS_MAX, REST_QUIET_MS } from "../../../lib/core/limits/relay_pace.ts";
import { PIPE_BYTES } from "../../../lib/core/limits/streams.ts";
import { RelayPace } from "../../../lib/run/relays/relay_pace.ts";

const SMALL = 4096;
const COMES_AT_ONCE_MS = 0.01;

/** Gives a pace pieces one after the other; answers with the rest after each. */
function play(
  pieces: readonly number[],
  { waitedMs = COMES_AT_ONCE_MS }: { readonly waitedMs?: number } = {},
): readonly number[] {
  const pace = new RelayPace();
  let moved = 0;
  return pieces.map((piece) => pace.next(waitedMs, moved += piece));
}

function many(count: number, bytes: number): readonly number[] {
  return Array.from({ length: count }, () => bytes);
}

describe("RelayPace", () => {
  test("rests when many small pieces come one right after the other, never longer than its bound", () => {
    const rests = play(many(100, SMALL));
    expect(rests.slice(0, REST_AFTER)).toEqual(many(REST_AFTER, 0));
    expect(rests.slice(REST_AFTER).every((ms) => ms > 0)).toBe(true);
    expect(rests.at(-1)).toBe(REST_MS_MAX);
  });

  test("rests when it is woken again and again for nothing", () => {
    expect(play(many(100, 0)).at(-1)).toBe(REST_MS_MAX);
  });

  test("never rests for what comes now and then", () => {
    const rests = play(many(100, SMALL), { waitedMs: 2 * REST_QUIET_MS });
    expect(rests).toEqual(many(100, 0));
  });

  test("never rests when pieces are large, and no more when they have become so", () => {
    expect(play(many(50, PIPE_BYTES))).toEqual(many(50, 0));
    expect(play([...many(50, SMALL), ...many(50, PIPE_BYTES)]).at(-1)).toBe(0);
  });

  test("forgets the rush when it is over", () => {
    const pace = new RelayPace();
    let moved = 0;
    for (let at = 0; at < 50; at++) pace.next(COMES_AT_ONCE_MS, moved += SMALL);
    expect(pace.next(2 * REST_QUIET_MS, moved += SMALL)).toBe(0);
    expect(pace.next(COMES_AT_ONCE_MS, moved += SMALL)).toBe(0);
  });
});
