/**
 * Opening the cache's database, and every reason why it cannot be used, told so that one knows what to do.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../../host/files/database.ts";
import { openDatabase } from "../../host/files/database.ts";
import { CACHE_LOCK_MS } from "../../core/limits/store.ts";
import { isSystemError } from "../../host/errno.ts";
import { StoreError } from "../capture/store_error.ts";

/** Kept in the database as `PRAGMA user_version`; a cache of another version is begun anew. */
const FORMAT_VERSION = 2;

const SCHEMA = `
CREATE TABLE entries (
  key TEXT PRIMARY KEY,
  base TEXT NOT NULL,
  reads TEXT NOT NULL,
  actor TEXT NOT NULL,
  flow TEXT NOT NULL,
  command TEXT NOT NULL,
  duration INTEGER NOT NULL,
  made INTEGER NOT NULL,
  used INTEGER NOT NULL
);
CREATE INDEX entries_of_base ON entries (base);
CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  port TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL
);
CREATE INDEX streams_of_entry ON streams (entry);
CREATE INDEX streams_of_hash ON streams (hash);
CREATE TABLE files (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  changed TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE mentions (
  hash TEXT PRIMARY KEY,
  names TEXT NOT NULL
);
PRAGMA user_version = ${FORMAT_VERSION};
`;

/** Opens the database of the cache in a folder, which is made when there is none. Throws a StoreError. */
export function openCacheDatabase(folder: string): Database {
  let database: Database | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    database = openDatabase(join(folder, "cache.db"));
    // Nothing is synced: what the system has taken, a crash of the engine cannot take back.
    database.exec(
      `PRAGMA busy_timeout = ${CACHE_LOCK_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF`,
    );
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    if (!isSystemError(error)) throw error;
    throw new StoreError(
      `Cannot use the cache in "${folder}": ${error.message} (set SLUICE_CACHE to a folder that can be written)`,
      { cause: error },
    );
  }
}

function prepare(database: Database): void {
  database.exec("BEGIN IMMEDIATE");
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version !== FORMAT_VERSION) {
    database.exec(
      "DROP TABLE IF EXISTS entries; DROP TABLE IF EXISTS streams; DROP TABLE IF EXISTS files; DROP TABLE IF EXISTS mentions",
    );
    database.exec(SCHEMA);
  }
  database.exec("COMMIT");
}
