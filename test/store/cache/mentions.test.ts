/** Which variables of the engine a content names, wherever the bytes are cut. */
import { expect, test } from "vitest";
import { findMentions, isMentioned, MentionFinder } from "../../../lib/store/cache/mentions.ts";

const TEXT = 'x SLUICE_ACTOR, "SLUICE_PARAM_" + name; ${SLUICE_PARAM_LEVEL} SLUIC SLUICE_';

test.each([1, 2, 3, 7, 64, 1000])("MentionFinder finds every name in pieces of %d bytes", (size) => {
  const bytes = new TextEncoder().encode(`${"-".repeat(150)}${TEXT}${"-".repeat(150)}`);
  const finder = new MentionFinder();
  for (let at = 0; at < bytes.length; at += size) finder.feed(bytes.subarray(at, at + size));
  const whole = ["SLUICE_", "SLUICE_ACTOR", "SLUICE_PARAM_", "SLUICE_PARAM_LEVEL"];
  expect(finder.end()).toEqual(expect.arrayContaining(whole));
  if (size === 1000) expect(finder.end()).toEqual(whole);
});

test("isMentioned() takes a name, or the beginning of one that something may be appended to", () => {
  const isNamed = (text: string): boolean => isMentioned("SLUICE_PARAM_LEVEL", new Set(findMentions(text)));
  expect(["SLUICE_PARAM_LEVEL", "$SLUICE_PARAM_LEVEL!", "SLUICE_PARAM_", "SLUICE_"].map(isNamed)).not
    .toContain(false);
  expect(["LEVEL", "SLUICE_PARAM_LEVELS", "SLUICE_PARAM_OTHER", "SLUICE_ACTOR"].map(isNamed)).not.toContain(
    true,
  );
});
