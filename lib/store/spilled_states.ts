/**
 * States of actors that have no place in memory: a SQLite file in the run's folder, which nobody reads after the run.
 * It is made with the first of them.
 */
import { type Database, DatabaseError, openDatabase, type Statement } from "../host/files/database.ts";

export interface SpilledStatesOptions {
  readonly file: string;
  /** Most bytes that the file may have. */
  readonly bytesMax: number;
}

/** Why there is no place: the limit of the flow, or the system's word about the disk. */
type NoRoom =
  | { readonly kind: "limit" }
  | { readonly kind: "disk"; readonly errno: string; readonly reason: string };

interface Opened {
  readonly database: Database;
  readonly insert: Statement;
  readonly select: Statement;
  readonly pages: Statement;
}

const PAGE_BYTES = 4096;

export class SpilledStates {
  readonly #options: SpilledStatesOptions;
  #opened: Opened | undefined;

  constructor(options: SpilledStatesOptions) {
    this.#options = options;
  }

  /** Keeps all of them; when there is no room none, and says why. */
  put(states: readonly (readonly [address: string, json: string])[]): NoRoom | undefined {
    try {
      this.#opened ??= open(this.#options);
      if (!this.#hasRoom(states)) return { kind: "limit" };
      const { database, insert } = this.#opened;
      database.exec("BEGIN");
      for (const [address, json] of states) insert.run(toKey(address), json);
      database.exec("COMMIT");
      return undefined;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return { kind: "disk", errno: error.code, reason: error.message };
    }
  }

  /** As if none of them took the place of another one. */
  #hasRoom(states: readonly (readonly [address: string, json: string])[]): boolean {
    const pages = Number(this.#opened?.pages.get()?.["page_count"] ?? 0);
    const bytes = states.reduce((sum, [address, json]) => sum + address.length + json.length, 0);
    return pages * PAGE_BYTES + bytes <= this.#options.bytesMax;
  }

  get(address: string): string | undefined {
    const row = this.#opened?.select.get(toKey(address));
    return row === undefined ? undefined : String(row["json"]);
  }

  close(): void {
    this.#opened?.database.close();
  }
}

function open({ file }: SpilledStatesOptions): Opened {
  const database = openDatabase(file);
  database.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
     PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4096;
     CREATE TABLE state(address TEXT PRIMARY KEY, json TEXT NOT NULL)`,
  );
  return {
    database,
    insert: database.prepare(
      "INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json",
    ),
    select: database.prepare("SELECT json FROM state WHERE address = ?"),
    pages: database.prepare("PRAGMA page_count"),
  };
}

/** A key may have halves of characters, or a zero, which a database does not keep apart. */
function toKey(address: string): string {
  return JSON.stringify(address);
}
