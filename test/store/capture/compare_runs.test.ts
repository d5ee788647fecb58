import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import type { Archive, ArchivedActor, ArchivedStream } from "../../../lib/core/archive.ts";
import { compareRuns, findFirst } from "../../../lib/store/capture/compare_runs.ts";

function cut(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, at) => bytes.subarray(at * size, (at + 1) * size),
  );
}

test("findFirst() finds the first byte that differs, however the streams are cut", () => {
  const text = "one\ntwo\nthree\nfour\n";
  for (let size = 1; size < 20; size++) {
    for (const other of [1, 4, 7]) {
      expect(findFirst(cut(text, size), cut(text, other))).toBe(undefined);
      expect(findFirst(cut(text, size), cut(text.replace("three", "thrEe"), other))).toEqual({
        byte: 11,
        line: 3,
      });
      expect(findFirst(cut(text, size), cut(`${text}five`, other))).toEqual({ byte: 19, line: 5 });
      expect(findFirst(cut("", size), cut(text, other))).toEqual({ byte: 0, line: 1 });
    }
  }
  expect(findFirst([], [])).toBe(undefined);
});

const actor = (name: string, more: Partial<ArchivedActor> = {}): ArchivedActor => ({
  name,
  kind: "run",
  definition: "same",
  inputs: [],
  state: "done",
  exitCode: 0,
  startedAt: 0,
  endedAt: 1000,
  ...more,
});
const stream = (name: string, more: Partial<ArchivedStream> = {}): ArchivedStream => ({
  id: 1,
  name,
  actor: name,
  port: "stdout",
  size: 4,
  isComplete: true,
  ...more,
});
const archive = (
  number: number,
  actors: readonly ArchivedActor[],
  streams: readonly ArchivedStream[],
): Archive => ({
  run: { number, uuid: `run ${number}`, flow: "f", state: "done", startedAt: 0 },
  actors,
  streams,
});

test("compareRuns() tells what differs, and leaves out what does not", () => {
  const before = archive(
    1,
    [actor("same"), actor("ends"), actor("slower"), actor("changed"), actor("gone"), actor("hardly")],
    [stream("same"), stream("other"), stream("cut"), stream("gone")],
  );
  const after = archive(
    2,
    [
      actor("same"),
      actor("ends", { state: "failed", exitCode: 3 }),
      actor("slower", { endedAt: 2000 }),
      actor("changed", { definition: "other" }),
      actor("hardly", { endedAt: 1040 }),
      actor("new"),
    ],
    [stream("same"), stream("other", { id: 2 }), stream("cut", { isComplete: false }), stream("new")],
  );
  const { actors, streams } = compareRuns(
    { before, after },
    ({ id }) => [Buffer.from(id === 1 ? "a\nb\n" : "a\nc\n")],
  );
  expect(
    actors.map((each) =>
      each.kind === "only in"
        ? [each.name, each.run]
        : [each.name, each.isStateOther, each.isDefinitionOther, each.isTimeOther]
    ),
  ).toEqual([
    ["ends", true, false, false],
    ["slower", false, false, true],
    ["changed", false, true, false],
    ["gone", 1],
    ["new", 2],
  ]);
  expect(streams.map((each) => each.kind === "only in" ? [each.name, each.run] : [each.name, each.first]))
    .toEqual([
      ["other", { byte: 2, line: 2 }],
      ["cut", undefined],
      ["gone", 1],
      ["new", 2],
    ]);
});
