/**
 * Opening a capture's database, and every reason why it cannot be used, told so that one knows what to do.
 */
import type { BigIntStats } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "../../host/files/database.ts";
import { DatabaseError, openDatabase } from "../../host/files/database.ts";
import { statIfThere } from "../../host/files/stat_if_there.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { toAbsolute } from "../../host/files/working_folder.ts";
import { APPLICATION_ID, FORMAT_VERSION, SCHEMA, UPGRADES } from "./schema.ts";
import { StoreError } from "./store_error.ts";

/**
 * Opens the database to write a run into it; makes it when there is none. Nobody else can use it until it is closed:
 * with the lock held from one transaction to the next, none of them has to ask what others have changed. Throws a
 * StoreError.
 */
export function openStoreToWrite(file: string): Database {
  if (statOf(file, dirname(file)) === undefined) {
    refuse(file, "its folder does not exist (make the folder first)");
  }
  return open(file, (database) => {
    // Of a large page's bytes most are a stream's. Nothing is synced: what the system has taken, a crash of the
    // engine cannot take back.
    database.exec("PRAGMA page_size = 65536; PRAGMA synchronous = OFF; PRAGMA journal_mode = TRUNCATE");
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    if (isEmpty(database)) database.exec(SCHEMA);
    for (let from = versionOf(database); from < FORMAT_VERSION; from++) {
      database.exec(UPGRADES.get(from) ?? "");
    }
    database.exec("COMMIT");
  });
}

/** Opens the database to look into it. Throws a StoreError. */
export function openStoreToRead(file: string): Database {
  if (!isStoreThere(file)) refuse(file, "there is no such file (sluice FLOW --db FILE makes one)");
  // Not read-only: what a killed engine has left half-written is taken back first.
  return open(file, (database) => {
    if (isEmpty(database)) refuse(file, "no run is in it (sluice FLOW --db FILE captures one)");
  });
}

/** True when there is a file. Throws a StoreError when the system does not know. */
export function isStoreThere(file: string): boolean {
  return statOf(file, toAbsolute(file)) !== undefined;
}

function statOf(file: string, path: string): BigIntStats | undefined {
  try {
    return statIfThere(path);
  } catch (error) {
    return refuse(file, describeSystemError(error).reason);
  }
}

/** True when nothing is in the file yet: an engine was killed before it had made a database of it. */
export function isStoreEmpty(file: string): boolean {
  let isNothing = false;
  open(file, (database) => isNothing = isEmpty(database)).close();
  return isNothing;
}

function open(file: string, prepare: (database: Database) => void): Database {
  if (statOf(file, toAbsolute(file))?.isFile() === false) {
    refuse(file, "it is no regular file (choose another)");
  }
  let database: Database | undefined;
  try {
    // As a path: SQLite takes some other names, such as ":memory:", for something else.
    database = openDatabase(toAbsolute(file));
    // Before anything is changed: it may be somebody else's.
    checkFormat(file, database);
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof DatabaseError) refuse(file, describe(error), error);
    throw error;
  }
}

function isEmpty(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined;
}

function versionOf(database: Database): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function checkFormat(file: string, database: Database): void {
  const application = Number(database.prepare("PRAGMA application_id").get()?.["application_id"]);
  const version = versionOf(database);
  if (application !== APPLICATION_ID && !isEmpty(database)) {
    refuse(file, "it is a database of another program (choose another file)");
  }
  if (version > FORMAT_VERSION) {
    refuse(
      file,
      `a newer sluice has written it: format ${version}, this one knows ${FORMAT_VERSION} ` +
        "(choose another file, or take the newer sluice)",
    );
  }
}

function describe({ problem, message }: DatabaseError): string {
  switch (problem) {
    case "foreign":
      return "it is no SQLite database (choose another file)";
    case "locked":
      return "another run is writing it, or another program holds it (wait for its end, or choose another file)";
    case "full":
      return "its disk is full (make room, or choose a file on another disk)";
    case "unreachable":
    case "broken":
      return `${message} (may it be written here?)`;
  }
}

function refuse(file: string, reason: string, cause?: Error): never {
  throw new StoreError(`Cannot use database "${file}": ${reason}`, { cause });
}
