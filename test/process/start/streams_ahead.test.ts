/** How far starts may be ahead of the relays follows from how many descriptors there are. */
import { expect, it } from "vitest";
import { STREAMS_AHEAD_MAX } from "../../../lib/core/limits/streams.ts";
import { streamsAheadWith } from "../../../lib/process/start/check_system_limits.ts";

it.each([[undefined, STREAMS_AHEAD_MAX], [1024, STREAMS_AHEAD_MAX], [64, 6], [48, 2], [20, 1]])(
  "with %s descriptors it is %s streams",
  (descriptors, streams) => expect(streamsAheadWith(descriptors)).toBe(streams),
);
