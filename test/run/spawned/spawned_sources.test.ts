/** What a spawned process can read of a flow whose actors are over sets. */
import { expect, test } from "vitest";
import { flow } from "../../../lib/flow/builder.ts";
import { findSources } from "../../../lib/run/spawned/spawned_sources.ts";

const many = flow({
  sets: { n: { values: ["a.x", "b"] } },
  actors: {
    text: { each: "n", value: "{n}" },
    count: { each: "n", run: ["wc"], in: "text" },
  },
});
const sources = { flow: many, spawned: new Map(), streams: new Map(), kept: new Map() };

async function read(...names: readonly string[]): Promise<string | readonly string[]> {
  const found = findSources(names, sources);
  if ("problem" in found) return found.problem;
  const texts = found.map(async ({ open }) => new TextDecoder().decode(await open().read()));
  return await Promise.all(texts);
}

test("findSources() finds an instance, and all of an actor", async () => {
  expect(await read("text[a.x]")).toEqual(["a.x"]);
  expect(await read("text")).toEqual(["a.x", "b"]);
});

test("findSources() tells of an instance what is to be kept", async () => {
  const problem = 'is not kept for what is spawned later (write "keep": true for actor "count")';
  expect(await read("count[a.x].stderr")).toBe(`"count[a.x].stderr" ${problem}`);
  expect(await read("count")).toBe(`"count[a.x]" ${problem}`);
});
