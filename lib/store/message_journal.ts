/**
 * The journal of messages in SQLite: what a crash of the engine must not lose. It is a database of its own beside the
 * run's, because that one is written by another thread which holds it for itself.
 */
import type { Database, Statement } from "../host/files/database.ts";
import { DatabaseError, openDatabase } from "../host/files/database.ts";
import { removeFile } from "../host/files/remove.ts";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS messages(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, actor TEXT NOT NULL, key TEXT, id TEXT NOT NULL, type TEXT NOT NULL,
  sender TEXT NOT NULL, priority INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state(address TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records(actor TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
`;

/** A message as it is kept. */
export interface KeptMessage {
  readonly actor: string;
  readonly key: string | undefined;
  readonly id: string;
  readonly type: string;
  readonly sender: string;
  readonly priority: number;
  readonly line: Uint8Array;
}

export class MessageJournal {
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #save: Statement;
  readonly #state: Statement;
  readonly #count: Statement;
  #isOpen = false;

  readonly #file: string;

  /** `isResumed`: what is there is gone on with; otherwise it is forgotten. */
  constructor(file: string, { isResumed }: { readonly isResumed: boolean }) {
    if (!isResumed) { for (const end of ["", "-wal", "-shm"]) removeFile(`${file}${end}`); }
    this.#file = file;
    this.#database = this.#attempt(() => openDatabase(file));
    const database = this.#database;
    // What the system has taken, a crash of the engine cannot take back.
    this.#attempt(() => {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
      database.exec(SCHEMA);
    });
    this.#insert = database.prepare(
      "INSERT INTO messages(actor, key, id, type, sender, priority, line) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#delete = database.prepare("DELETE FROM messages WHERE seq = ?");
    this.#save = database.prepare(
      "INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json",
    );
    this.#state = database.prepare("SELECT json FROM state WHERE address = ?");
    this.#count = database.prepare(
      "INSERT INTO records VALUES (?, ?) ON CONFLICT DO UPDATE SET count = excluded.count",
    );
  }

  /** What an earlier run has left, in the order in which it came. */
  load(): {
    readonly messages: readonly (KeptMessage & { readonly row: number })[];
    readonly records: ReadonlyMap<string, number>;
  } {
    const messages = this.#database.prepare("SELECT * FROM messages ORDER BY seq").all().map((row) => ({
      row: Number(row["seq"]),
      actor: String(row["actor"]),
      key: row["key"] === null ? undefined : String(row["key"]),
      id: String(row["id"]),
      type: String(row["type"]),
      sender: String(row["sender"]),
      priority: Number(row["priority"]),
      // The column holds nothing else.
      line: row["line"] as Uint8Array,
    }));
    const records = this.#database.prepare("SELECT * FROM records").all()
      .map((row) => [String(row["actor"]), Number(row["count"])] as const);
    return { messages, records: new Map(records) };
  }

  /** The last state of an address, as JSON. */
  stateOf(address: string): string | undefined {
    const row = this.#attempt(() => this.#state.get(address));
    return row === undefined ? undefined : String(row["json"]);
  }

  add({ actor, key = null, id, type, sender, priority, line }: Omit<KeptMessage, "key"> & {
    readonly key?: string | null | undefined;
  }): number {
    this.#begin();
    return this.#attempt(() => this.#insert.run(actor, key, id, type, sender, priority, line));
  }

  remove(row: number): void {
    this.#begin();
    this.#attempt(() => this.#delete.run(row));
  }

  save(address: string, json: string): void {
    this.#begin();
    this.#attempt(() => this.#save.run(address, json));
  }

  noteRecords(actor: string, count: number): void {
    this.#begin();
    this.#attempt(() => this.#count.run(actor, count));
  }

  #begin(): void {
    if (!this.#isOpen) this.#attempt(() => this.#database.exec("BEGIN"));
    this.#isOpen = true;
  }

  /** Makes what was noted lasting. */
  commit(): void {
    if (this.#isOpen) this.#attempt(() => this.#database.exec("COMMIT"));
    this.#isOpen = false;
  }

  /** A message that cannot be kept must not be taken for one that is: the run does not go on. */
  #attempt<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const told =
        `Cannot keep messages in "${this.#file}": ${error.message} (make room, and go on with --resume)`;
      throw new DatabaseError(error.problem, new Error(told));
    }
  }

  close(): void {
    this.commit();
    this.#database.close();
  }
}
