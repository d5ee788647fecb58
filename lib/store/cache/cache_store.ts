/**
 * The cache: what actors have written, kept by content, and found by a key of what they depend on.
 *
 *   cache.db         entries (a key) ─── streams (a port, a content)      files (what is known of files on disk)
 *   objects/ab/…     the contents, each once, named by its SHA-256
 *   runs/PID-…/      what a living run writes; removed at the next start when that process is dead
 *
 * Several engines use it at the same time: SQLite keeps the entries together, objects appear whole by being renamed.
 * The layout is that of content-addressed stores such as git's.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { CachedStream, CacheEntry } from "../../core/cached.ts";
import { CACHE_FILE_SETTLED_MS, CACHE_VARIANTS_MAX } from "../../core/limits/store.ts";
import type { Database, Row, Statement } from "../../host/files/database.ts";
import { DatabaseError } from "../../host/files/database.ts";
import { isAlive } from "../../host/is_alive.ts";
import { removeFile, removeFolder } from "../../host/files/remove.ts";
import { openCacheDatabase } from "./cache_database.ts";
import type { Content, FileStamp } from "./hash_file.ts";
import { hashFileNow, stampFile } from "./hash_file.ts";

/** An entry that is known by what its actor has read by itself. */
export interface CacheVariant {
  readonly key: string;
  /** What was read, as whoever has kept it has written it. */
  readonly reads: string;
}

/** A stream that an actor has written into a file of the store's folder for this run. */
export interface NewStream extends CachedStream {
  readonly temporary: string;
}

export class CacheStore {
  readonly folder: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #runFolder: string;
  readonly #mentions = new Map<string, readonly string[]>();
  #count = 0;

  /** Opens the cache in a folder, which is made when there is none. Throws a StoreError. */
  constructor(folder: string) {
    this.folder = folder;
    this.#database = openCacheDatabase(folder);
    mkdirSync(join(folder, "objects"), { recursive: true });
    mkdirSync(join(folder, "runs"), { recursive: true });
    this.#removeDead();
    this.#runFolder = mkdtempSync(join(folder, "runs", `${process.pid}-`));
  }

  /** What an earlier run has kept under the key, when all of it is still there. */
  find(key: string): CacheEntry | undefined {
    const row = this.#prepare("SELECT * FROM entries WHERE key = ?").get(key);
    if (row === undefined) return undefined;
    const entry = this.#toEntry(row);
    if (!entry.streams.every((stream) => this.#isWhole(stream))) return undefined;
    this.#tryTo(() => this.#prepare("UPDATE entries SET used = ? WHERE key = ?").run(Date.now(), key));
    return entry;
  }

  /** Entries of actors that were run in the same way with the same inputs, the one that was used last first. */
  listVariants(base: string): readonly CacheVariant[] {
    return this.#prepare("SELECT key, reads FROM entries WHERE base = ? ORDER BY used DESC, made DESC, key")
      .all(base).map((row) => ({ key: String(row["key"]), reads: String(row["reads"]) }));
  }

  /** What the actors of a flow have read by themselves, as far as entries tell it: one text for each entry. */
  listReads(flow: string): readonly { readonly actor: string; readonly reads: string }[] {
    return this.#prepare("SELECT actor, reads FROM entries WHERE flow = ?").all(flow)
      .map((row) => ({ actor: String(row["actor"]), reads: String(row["reads"]) }));
  }

  /** False when the bytes are not those that were kept; they are read only when somebody has touched their file. */
  #isWhole({ hash, size }: CachedStream): boolean {
    const path = this.pathOf({ hash });
    const stamp = stampFile(path);
    if (stamp?.size !== size) return false;
    if (this.knownHash(stamp) === hash) return true;
    if (hashFileNow(path) !== hash) return false;
    this.#noteHash(stamp, hash);
    return true;
  }

  /** Where the bytes of a stream are. */
  pathOf({ hash }: Pick<CachedStream, "hash">): string {
    return join(this.folder, "objects", hash.slice(0, 2), hash);
  }

  /** A path for a file that this run writes. */
  makePath(): string {
    return join(this.#runFolder, String(this.#count++));
  }

  /** Keeps what an actor has written. Its files are moved away, also when there is such an entry already. */
  keep(
    entry: Omit<CacheEntry, "streams"> & { readonly base: string; readonly reads: string },
    streams: readonly NewStream[],
  ): void {
    for (const { hash, temporary } of streams) {
      mkdirSync(join(this.folder, "objects", hash.slice(0, 2)), { recursive: true });
      renameSync(temporary, this.pathOf({ hash }));
      const stamp = stampFile(this.pathOf({ hash }));
      if (stamp !== undefined) this.#noteHash(stamp, hash);
    }
    this.#transact(() => {
      this.#remove(entry.key);
      for (const { key } of this.listVariants(entry.base).slice(CACHE_VARIANTS_MAX - 1)) this.#remove(key);
      const { key, base, reads, actor, flow, command, durationMs, madeAt, usedAt } = entry;
      this.#prepare(
        "INSERT INTO entries (key, base, reads, actor, flow, command, duration, made, used) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ).run(key, base, reads, actor, flow, command, durationMs, madeAt, usedAt);
      for (const { port, hash, size } of streams) {
        this.#prepare("INSERT INTO streams (entry, port, hash, size) VALUES (?, ?, ?, ?)")
          .run(key, port, hash, size);
      }
    });
  }

  /** The hash of a file that has not changed since it was noted. */
  knownHash({ path, size, changed }: FileStamp): string | undefined {
    const row = this.#prepare("SELECT hash FROM files WHERE path = ? AND size = ? AND changed = ?")
      .get(path, size, changed);
    return typeof row?.["hash"] === "string" ? row["hash"] : undefined;
  }

  /** Notes the hash of a file, unless it was changed so lately that a further change may leave the same stamp. */
  noteHash(stamp: FileStamp, hash: string): void {
    if (Date.now() - stamp.changedMs >= CACHE_FILE_SETTLED_MS) this.#noteHash(stamp, hash);
  }

  #noteHash({ path, size, changed }: FileStamp, hash: string): void {
    this.#tryTo(() =>
      this.#prepare("REPLACE INTO files (path, size, changed, hash) VALUES (?, ?, ?, ?)")
        .run(path, size, changed, hash)
    );
  }

  /** The variables of the engine that a content names. */
  mentionsOf(hash: string): readonly string[] {
    const noted = this.#mentions.get(hash);
    if (noted !== undefined) return noted;
    const row = this.#prepare("SELECT names FROM mentions WHERE hash = ?").get(hash);
    return typeof row?.["names"] === "string" ? row["names"].split(" ") : [];
  }

  /** Most contents name none; those are not noted. False when only this run will know it. */
  noteMentions({ hash, mentions }: Pick<Content, "hash" | "mentions">): boolean {
    if (mentions.length === 0) return true;
    this.#mentions.set(hash, mentions);
    return this.#tryTo(() =>
      this.#prepare("REPLACE INTO mentions (hash, names) VALUES (?, ?)").run(hash, mentions.join(" "))
    );
  }

  /** All entries, the one that was used last first. */
  list(): readonly CacheEntry[] {
    return this.#prepare("SELECT * FROM entries ORDER BY used DESC, made DESC, key").all()
      .map((row) => this.#toEntry(row));
  }

  /** Bytes of all objects; what several entries share counts once. */
  countBytes(): number {
    const row = this.#prepare(
      "SELECT sum(size) AS sum FROM (SELECT DISTINCT hash, size FROM streams)",
    ).get();
    return Number(row?.["sum"] ?? 0);
  }

  /**
   * Removes entries, those first that were not used for the longest time, until the rest fits; and those that were not
   * used since `usedBefore`. What another living run may be using stays. Gives how many went.
   */
  trim(
    { bytesMax = Infinity, usedBefore = 0 }: { readonly bytesMax?: number; readonly usedBefore?: number },
  ): number {
    const inUseSince = this.#oldestOtherRun();
    let removed = 0;
    let bytes = this.countBytes();
    for (const { key, usedAt } of [...this.list()].reverse()) {
      if (usedAt >= inUseSince || (bytes <= bytesMax && usedAt >= usedBefore)) break;
      this.#transact(() => this.#remove(key));
      removed += 1;
      bytes = this.countBytes();
    }
    this.#sweep(inUseSince);
    return removed;
  }

  close(): void {
    removeFolder(this.#runFolder);
    this.#database.close();
  }

  /** What only saves work later may fail: the disk may be full, or the database be busy. */
  #tryTo(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return false;
    }
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #remove(key: string): void {
    this.#prepare("DELETE FROM streams WHERE entry = ?").run(key);
    this.#prepare("DELETE FROM entries WHERE key = ?").run(key);
  }

  #transact(action: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      action();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #toEntry(row: Row): CacheEntry {
    // Only `keep` writes these tables, so their columns hold what the types say.
    const key = String(row["key"]);
    return {
      key,
      actor: String(row["actor"]),
      flow: String(row["flow"]),
      command: String(row["command"]),
      durationMs: Number(row["duration"]),
      madeAt: Number(row["made"]),
      usedAt: Number(row["used"]),
      streams: this.#prepare("SELECT port, hash, size FROM streams WHERE entry = ? ORDER BY id")
        .all(key)
        .map(({ port, hash, size }) => ({ port: String(port), hash: String(hash), size: Number(size) })),
    };
  }

  /** Removes the objects that no entry names; those that were made since may be about to get one. */
  #sweep(inUseSince: number): void {
    const known = new Set(
      this.#prepare("SELECT DISTINCT hash FROM streams").all().map(({ hash }) => String(hash)),
    );
    for (const part of readdirSync(join(this.folder, "objects"))) {
      for (const hash of readdirSync(join(this.folder, "objects", part))) {
        const path = this.pathOf({ hash });
        if (!known.has(hash) && (changedAt(path) ?? Infinity) < inUseSince) removeFile(path);
      }
    }
  }

  /** When the oldest other living run began; without one, never. */
  #oldestOtherRun(): number {
    const others = this.#listRuns().filter(({ path }) => path !== this.#runFolder);
    return Math.min(
      Infinity,
      ...others.map(({ path }) => Math.floor(changedAt(path, "birthtimeMs") ?? Infinity)),
    );
  }

  #removeDead(): void {
    for (const { path, pid } of this.#listRuns()) {
      if (!isAlive(pid)) removeFolder(path);
    }
  }

  #listRuns(): readonly { readonly path: string; readonly pid: number }[] {
    return readdirSync(join(this.folder, "runs")).map((name) => ({
      path: join(this.folder, "runs", name),
      pid: Number(name.split("-")[0]),
    }));
  }
}

function changedAt(path: string, which: "mtimeMs" | "birthtimeMs" = "mtimeMs"): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.[which];
}
