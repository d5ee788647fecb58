import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { openDatabase } from "../../../lib/host/files/database.ts";
import { openStoreToRead, openStoreToWrite } from "../../../lib/store/capture/open_store.ts";
import { RunArchive } from "../../../lib/store/capture/run_archive.ts";
import { FORMAT_VERSION, SCHEMA } from "../../../lib/store/capture/schema.ts";
import { StoreError } from "../../../lib/store/capture/store_error.ts";
import { makeFolder } from "../store_rig.ts";

function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error.message.replace(/^Cannot use database ".*": /, "");
    throw error;
  }
  return "it works";
}

test("openStoreToWrite() makes a database, and opens it again", () => {
  const file = join(makeFolder(), "run.db");
  openStoreToWrite(file).close();
  expect(reasonOf(() => openStoreToWrite(file).close())).toBe("it works");
  expect(reasonOf(() => openStoreToRead(file).close())).toBe("it works");
});

test("openStoreToWrite() makes a database of an empty file", () => {
  const file = join(makeFolder(), "empty.db");
  writeFileSync(file, "");
  expect(reasonOf(() => openStoreToWrite(file).close())).toBe("it works");
});

test("openStoreToWrite() keeps everybody else out", () => {
  const file = join(makeFolder(), "run.db");
  const database = openStoreToWrite(file);
  const locked =
    "another run is writing it, or another program holds it (wait for its end, or choose another file)";
  expect(reasonOf(() => openStoreToWrite(file))).toBe(locked);
  expect(reasonOf(() => openStoreToRead(file))).toBe(locked);
  database.close();
});

test("openStoreToWrite() leaves another program's database as it is", () => {
  const file = join(makeFolder(), "other.db");
  const other = openDatabase(file);
  other.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
  other.close();
  expect(reasonOf(() => openStoreToWrite(file))).toBe(
    "it is a database of another program (choose another file)",
  );
  const again = openDatabase(file);
  expect(again.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  again.close();
});

test("openStoreToWrite() takes every name for that of a file", () => {
  const folder = makeFolder();
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect(reasonOf(() => openStoreToWrite(""))).toBe("it is no regular file (choose another)");
    for (const name of [":memory:", "file:x?mode=memory"]) {
      openStoreToWrite(name).close();
      expect(existsSync(join(folder, name))).toBe(true);
    }
  } finally {
    process.chdir(before);
  }
});

test("openStoreToRead() makes nothing", () => {
  const file = join(makeFolder(), "run.db");
  expect(reasonOf(() => openStoreToRead(file))).toBe(
    "there is no such file (sluice FLOW --db FILE makes one)",
  );
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, "");
  expect(reasonOf(() => openStoreToRead(file))).toBe("no run is in it (sluice FLOW --db FILE captures one)");
});

test("openStoreToWrite() refuses a text, a folder, a missing folder and a newer format", () => {
  const folder = makeFolder();
  const text = join(folder, "text.db");
  writeFileSync(text, "no database at all, ".repeat(100));
  expect(reasonOf(() => openStoreToWrite(text))).toBe("it is no SQLite database (choose another file)");
  expect(reasonOf(() => openStoreToWrite(folder))).toBe("it is no regular file (choose another)");
  expect(reasonOf(() => openStoreToWrite(join(folder, "a", "b.db")))).toBe(
    "its folder does not exist (make the folder first)",
  );
  const newer = join(folder, "newer.db");
  openStoreToWrite(newer).close();
  const database = openDatabase(newer);
  database.exec("PRAGMA user_version = 7");
  database.close();
  expect(reasonOf(() => openStoreToWrite(newer))).toContain(
    `a newer sluice has written it: format 7, this one knows ${FORMAT_VERSION} (`,
  );
});

test("openStoreToWrite() goes on with a database of version 1, and openStoreToRead() reads it as it is", () => {
  const file = join(makeFolder(), "old.db");
  const old = openDatabase(file);
  old.exec(
    `${
      SCHEMA.replace(
        / {2}stamp TEXT,\n|,\n {2}origin INTEGER|,\n {2}cut TEXT|,\n {2}tries INTEGER|CREATE VIEW[^;]*;/g,
        "",
      )
    }
    CREATE VIEW Dict (key, value) AS SELECT name, size FROM streams; PRAGMA user_version = 1`,
  );
  old.exec("INSERT INTO runs (uuid, flow, state, started) VALUES ('first', 'f', 'done', 0)");
  old.exec(
    "INSERT INTO streams (run, name, actor, port, size, is_complete, is_text) VALUES (1, 'a', 'a', 'stdout', 2, 1, 1)",
  );
  old.exec("INSERT INTO chunks (stream, at, bytes) VALUES (1, 0, x'6869')");
  old.close();
  const before = new RunArchive(openStoreToRead(file));
  expect(before.listRuns().map((run) => before.read(run).streams)).toEqual([
    [{ id: 1, name: "a", actor: "a", port: "stdout", size: 2, isComplete: true }],
  ]);
  before.close();
  const database = openStoreToWrite(file);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: FORMAT_VERSION });
  expect(database.prepare("SELECT key, value FROM Dict").all()).toEqual([{ key: "a", value: "hi" }]);
  database.close();
});
