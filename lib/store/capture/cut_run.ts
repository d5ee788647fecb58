/**
 * What a database is told of its run after it could not be written on: that it was cut and why, and how the run ended.
 * Both are put over what is there, and nothing on the disk is needed for it, so that a full disk has room for them.
 */
import type { RunEvent } from "../../core/event.ts";
import type { Database } from "../../host/files/database.ts";
import { DatabaseError } from "../../host/files/database.ts";

type RunEnded = Extract<RunEvent, { readonly type: "run-ended" }>;

/** The file of the journal goes, which is possible only without the lock. */
const JOURNAL_IN_MEMORY = `
PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE;
PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE`;

export class CutRun {
  readonly #database: Database;
  readonly #run: number | null;

  /** `run`: its number, when it has got so far. */
  constructor(
    database: Database,
    { run = null, reason }: { readonly run: number | undefined | null; readonly reason: string },
  ) {
    this.#database = database;
    this.#run = run;
    // What was refused has often been taken back already, and all of the room with it.
    this.#attempt(() => database.exec("ROLLBACK"));
    this.#attempt(() => database.exec(JOURNAL_IN_MEMORY));
    this.#attempt(() => database.prepare("UPDATE runs SET cut = ? WHERE id = ?").run(reason, run));
  }

  end({ state, exitCode, at }: RunEnded): void {
    const sql = "UPDATE runs SET state = ?, exit_code = ?, ended = ? WHERE id = ?";
    this.#attempt(() => this.#database.prepare(sql).run(state, exitCode, at, this.#run));
  }

  /** That the database cannot be written has been told already. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DatabaseError) && !isNothingBegun(error)) throw error;
    }
  }
}

function isNothingBegun(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no transaction is active");
}
