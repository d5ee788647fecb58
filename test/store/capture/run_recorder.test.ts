import { Buffer } from "node:buffer";
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStoreToRead, openStoreToWrite } from "../../../lib/store/capture/open_store.ts";
import { RunArchive } from "../../../lib/store/capture/run_archive.ts";
import { RunRecorder } from "../../../lib/store/capture/run_recorder.ts";
import { makeFolder, makeRecord } from "../store_rig.ts";

function read(file: string, name: string): string {
  const archive = new RunArchive(openStoreToRead(file));
  const [run] = archive.listRuns();
  const stream = run === undefined ? undefined : archive.read(run).streams.find((each) => each.name === name);
  const bytes = stream === undefined ? [] : [...archive.readStream(stream)];
  archive.close();
  return Buffer.concat(bytes).toString("latin1");
}

test("RunRecorder keeps a run as it was recorded", () => {
  const file = join(makeFolder(), "run.db");
  const database = openStoreToWrite(file);
  const recorder = new RunRecorder(database, makeRecord());
  recorder.append(0, Buffer.from("value"));
  recorder.complete(0);
  recorder.note({ at: 1100, type: "actor-started", actor: "b", pid: 77, command: ["cat", "-n"] });
  recorder.append(1, Buffer.from("one\0"));
  recorder.append(1, Buffer.from("two"));
  recorder.note({
    at: 1300,
    type: "actor-ended",
    actor: "b",
    result: { state: "failed", signal: "SIGTERM", endedAt: 1299 },
  });
  recorder.note({
    at: 1400,
    type: "failure",
    failure: { kind: "write", target: "-", errno: "EIO", reason: "broken" },
  });
  recorder.note({ at: 1500, type: "run-ended", run: "run", state: "failed", exitCode: 1, durationMs: 500 });
  recorder.commit();
  database.close();

  const archive = new RunArchive(openStoreToRead(file));
  const [run] = archive.listRuns();
  expect(run).toEqual({
    number: 1,
    uuid: "run",
    flow: "test",
    state: "failed",
    exitCode: 1,
    startedAt: 1000,
    endedAt: 1500,
  });
  if (run === undefined) return;
  expect(archive.read(run)).toEqual({
    run,
    actors: [
      { name: "a", kind: "value", explain: "A value", definition: "da", inputs: [], state: "done" },
      {
        name: "b",
        kind: "run",
        definition: "db",
        inputs: [{ port: "stdin", stream: "a" }],
        state: "failed",
        command: ["cat", "-n"],
        pid: 77,
        signal: "SIGTERM",
        startedAt: 1100,
        endedAt: 1299,
      },
    ],
    streams: [
      { id: 1, name: "a", actor: "a", port: "stdout", size: 5, isComplete: true },
      { id: 2, name: "b", actor: "b", port: "stdout", size: 7, isComplete: false },
      { id: 3, name: "b.more", actor: "b", port: "more", size: 0, isComplete: false },
    ],
  });
  expect(archive.listFailures(run)).toEqual([{ kind: "write", target: "-", errno: "EIO", reason: "broken" }]);
  archive.close();
  expect(read(file, "b")).toBe("one\0two");
  expect(read(file, "b.more")).toBe("");
});

test("RunRecorder leaves what was committed, wherever it is cut off", () => {
  const folder = makeFolder();
  const file = join(folder, "run.db");
  const database = openStoreToWrite(file);
  const recorder = new RunRecorder(database, makeRecord());
  const copies: string[] = [];
  // What a crash leaves: the files as they are at that moment.
  const cut = (): void => {
    const copy = makeFolder();
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name));
    copies.push(join(copy, "run.db"));
  };
  const piece = Buffer.alloc(300_000, "x");
  for (let count = 0; count < 3; count++) {
    for (let at = 0; at < 20; at++) recorder.append(1, piece);
    cut(); // In the middle: some of it has reached the file already.
    recorder.commit();
    cut();
  }
  database.close();
  expect(copies.map((copy) => read(copy, "b").length / piece.length)).toEqual([0, 20, 20, 40, 40, 60]);
});

test("RunRecorder numbers the runs of a database, and finds them by number and identity", () => {
  const file = join(makeFolder(), "run.db");
  for (const uuid of ["aa-1", "ab-2", "2c-3"]) {
    const database = openStoreToWrite(file);
    new RunRecorder(database, makeRecord(uuid));
    database.close();
  }
  const archive = new RunArchive(openStoreToRead(file));
  expect(archive.listRuns().map(({ number, uuid }) => [number, uuid])).toEqual([[3, "2c-3"], [2, "ab-2"], [
    1,
    "aa-1",
  ]]);
  const found = ["1", "2", "aa", "a", "2c", "9", ""].map((name) => archive.findRun(name)?.number);
  expect(found).toEqual([1, 2, 1, undefined, 3, undefined, undefined]);
  archive.close();
});
