/** The cache as a store: entries by key, contents once, the oldest removed first. */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test, vi } from "vitest";
import { CACHE_VARIANTS_MAX } from "../../../lib/core/limits/store.ts";
import { CacheStore } from "../../../lib/store/cache/cache_store.ts";
import { hashBytes, hashFile, stampFile } from "../../../lib/store/cache/hash_file.ts";
import { makeFolder } from "../store_rig.ts";

function keep(store: CacheStore, key: string, contents: Readonly<Record<string, string>>, base = key): void {
  const now = Date.now();
  const streams = Object.entries(contents).map(([port, text]) => {
    const temporary = store.makePath();
    writeFileSync(temporary, text);
    return { port, hash: hashBytes(text), size: text.length, temporary };
  });
  const entry = {
    key,
    base,
    reads: "[]",
    actor: "a",
    flow: "f",
    command: "cat",
    durationMs: 7,
    madeAt: now,
    usedAt: now,
  };
  store.keep(entry, streams);
}

function objectsIn(store: CacheStore): readonly string[] {
  const folder = join(store.folder, "objects");
  return readdirSync(folder).flatMap((part) => readdirSync(join(folder, part)));
}

test("CacheStore keeps equal contents once, and finds an entry when all of it is there", () => {
  const store = new CacheStore(makeFolder());
  keep(store, "k1", { stdout: "same", more: "same" });
  keep(store, "k2", { stdout: "same" });
  expect(objectsIn(store)).toEqual([hashBytes("same")]);
  expect(store.countBytes()).toBe(4);
  expect(store.find("k1")).toMatchObject({
    key: "k1",
    durationMs: 7,
    streams: [{ port: "stdout", hash: hashBytes("same"), size: 4 }, { port: "more" }],
  });
  expect(store.find("k3")).toBeUndefined();
  writeFileSync(store.pathOf({ hash: hashBytes("same") }), "cut");
  expect(store.find("k1")).toBeUndefined();
  store.close();
});

test("CacheStore.find() does not give contents that were changed in place, whatever their size", () => {
  const store = new CacheStore(makeFolder());
  keep(store, "k1", { stdout: "same" });
  const path = store.pathOf({ hash: hashBytes("same") });
  writeFileSync(path, "some");
  expect(store.find("k1")).toBeUndefined();
  // Touched, but the same.
  writeFileSync(path, "same");
  expect(store.find("k1")).toMatchObject({ key: "k1" });
  store.close();
});

test("CacheStore.listVariants() gives the entries of one base, the one that was used last first, and no more than so many", () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const store = new CacheStore(makeFolder());
    for (let count = 0; count <= CACHE_VARIANTS_MAX; count++) {
      vi.advanceTimersByTime(1_000);
      keep(store, `k${count}`, { stdout: String(count) }, "base");
    }
    keep(store, "other", { stdout: "other" });
    vi.advanceTimersByTime(1_000);
    store.find("k7");
    const keys = store.listVariants("base").map(({ key }) => key);
    expect(keys).toHaveLength(CACHE_VARIANTS_MAX);
    expect([keys[0], keys[1], keys.at(-1)]).toEqual(["k7", `k${CACHE_VARIANTS_MAX}`, "k1"]);
    store.close();
  } finally {
    vi.useRealTimers();
  }
});

test("CacheStore.trim() removes what was not used for the longest time, and contents that nobody names", () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const store = new CacheStore(makeFolder());
    for (const key of ["old", "used", "new"]) {
      vi.advanceTimersByTime(1_000);
      keep(store, key, { stdout: key.repeat(10) });
    }
    vi.advanceTimersByTime(1_000);
    store.find("old");
    expect(store.trim({ bytesMax: 60 })).toBe(1);
    expect(store.list().map(({ key }) => key)).toEqual(["old", "new"]);
    expect(objectsIn(store)).toHaveLength(2);
    expect(store.trim({ usedBefore: 4_500 })).toBe(1);
    expect(store.list().map(({ key }) => key)).toEqual(["old"]);
    expect(store.trim({ usedBefore: Infinity })).toBe(1);
    expect(objectsIn(store)).toEqual([]);
    store.close();
  } finally {
    vi.useRealTimers();
  }
});

test("CacheStore.trim() leaves alone what another living run may be using", () => {
  const folder = makeFolder();
  const store = new CacheStore(folder);
  // As another engine would have it: the process that runs this test lives.
  mkdirSync(join(folder, "runs", `${process.ppid}-other`));
  keep(store, "key", { stdout: "text" });
  expect(store.trim({ usedBefore: Infinity })).toBe(0);
  expect(store.find("key")).toBeDefined();
  store.close();
});

test("CacheStore removes what a dead run has left", () => {
  const folder = makeFolder();
  new CacheStore(folder).close();
  const left = join(folder, "runs", "4194304-dead"); // No process has such a number: it is the largest plus one.
  mkdirSync(left);
  writeFileSync(join(left, "0"), "half");
  const store = new CacheStore(folder);
  expect(existsSync(left)).toBe(false);
  store.close();
});

test("a file's hash is known as long as its stamp is the same, and not when it has just been changed", async () => {
  const store = new CacheStore(makeFolder());
  const file = join(makeFolder(), "file");
  writeFileSync(file, "text");
  const { hash, size } = await hashFile(file);
  expect({ hash, size }).toEqual({ hash: hashBytes("text"), size: 4 });
  const fresh = stampFile(file);
  if (fresh === undefined) expect.fail("there is no stamp");
  store.noteHash(fresh, hash);
  expect(store.knownHash(fresh)).toBeUndefined();
  const settled = { ...fresh, changed: "another", changedMs: fresh.changedMs - 10_000 };
  store.noteHash(settled, hash);
  expect(store.knownHash(settled)).toBe(hash);
  expect(store.knownHash({ ...settled, size: 5 })).toBeUndefined();
  utimesSync(file, 1, 1);
  expect(stampFile(file)).not.toEqual(fresh);
  expect(stampFile(join(file, "none"))).toBeUndefined();
  store.close();
});
