/**
 * SQLite by the module that every runtime brings, `node:sqlite`. What the runtimes tell of errors differs (Deno has
 * no numbers for some), but SQLite's own texts are in all of them.
 */
import type { DatabaseSync } from "node:sqlite";

const { process } = globalThis;

/** What is stored in a column, and what a statement can be given. */
export type Value = null | number | string | Uint8Array;

export interface Statement {
  /** Runs it; gives the number of the row that was put in. */
  run(...values: readonly Value[]): number;
  all(...values: readonly Value[]): readonly Row[];
  /** The first row, if there is one. */
  get(...values: readonly Value[]): Row | undefined;
}

export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  /** Runs statements that give nothing. */
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/**
 * `foreign`: the file is none of SQLite's; `locked`: another process writes it; `full`: its disk is;
 * `unreachable`: it cannot be opened or written here.
 */
export type DatabaseProblem = "foreign" | "locked" | "full" | "unreachable" | "broken";

export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly problem: DatabaseProblem;
  /** As the errors of the system have it. */
  readonly code: string;
  constructor(problem: DatabaseProblem, cause: Error) {
    super(cause.message, { cause });
    this.problem = problem;
    this.code = CODES[problem];
  }
}

const CODES: Readonly<Record<DatabaseProblem, string>> = {
  foreign: "EINVAL",
  locked: "EBUSY",
  full: "ENOSPC",
  unreachable: "EACCES",
  broken: "EIO",
};

const PROBLEMS: readonly (readonly [text: string, problem: DatabaseProblem])[] = [
  ["file is not a database", "foreign"],
  ["database is locked", "locked"],
  ["database or disk is full", "full"],
  ["unable to open database file", "unreachable"],
  ["readonly database", "unreachable"],
  ["disk I/O error", "broken"],
  ["malformed", "broken"],
  ["locking protocol", "broken"],
  ["out of memory", "broken"],
  ["access permission denied", "unreachable"],
];

/** Opens a database, which is made when there is none. Everything here throws a DatabaseError. */
export function openDatabase(path: string): Database {
  const Database = loadSqlite();
  const database = attempt(() => new Database(path));
  // A file beside the others would stay there when it cannot be removed, which SQLite does not tell.
  attempt(() => database.exec("PRAGMA temp_store = MEMORY"));
  return {
    exec: (sql) => attempt(() => database.exec(sql)),
    prepare(sql) {
      const statement = attempt(() => database.prepare(sql));
      return {
        run: (...values) => attempt(() => Number(statement.run(...values).lastInsertRowid)),
        all: (...values) => attempt(() => statement.all(...values)),
        get: (...values) => attempt(() => statement.get(...values)),
      };
    },
    close: () => attempt(() => database.close()),
  };
}

/** Without the line in which Node before 24.3 calls it an experiment: what is used of it here is in all of them. */
function loadSqlite(): typeof DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule("node:sqlite").DatabaseSync;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function attempt<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { message } = error;
    const known = PROBLEMS.find(([text]) => message.includes(text));
    // What SQLite says of a statement is a mistake in it.
    if (known === undefined) throw error;
    throw new DatabaseError(known[1], error);
  }
}
