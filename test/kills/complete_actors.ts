/**
 * Which actors of a killed run are complete, asked of the databases alone.
 */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export type Actors = Readonly<
  Record<string, { readonly sh: string; readonly in?: string | readonly string[]; readonly cache?: boolean }>
>;

/** Throws when a database does not open or is damaged. */
export function listComplete(
  { database, cache, actors }: { readonly database: string; readonly cache: string; readonly actors: Actors },
): readonly string[] {
  const cached = ask(cache, "SELECT actor AS name FROM entries");
  // An actor counts when it has ended well, all its streams are kept, and so it is with everything that it reads.
  const ended = new Set(ask(
    database,
    `SELECT name FROM actors WHERE run = (SELECT max(id) FROM runs) AND state = 'done' AND NOT EXISTS
       (SELECT 1 FROM streams WHERE streams.run = actors.run AND streams.actor = actors.name AND NOT is_complete)`,
  ));
  const isComplete = (name: string): boolean =>
    ended.has(name) && [actors[name]?.in ?? []].flat().every(isComplete);
  return [...new Set([...cached, ...[...ended].filter(isComplete)])];
}

function ask(file: string, sql: string): readonly string[] {
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file);
  try {
    const [{ integrity_check: check } = {}] = database.prepare("PRAGMA integrity_check").all();
    if (check !== "ok") throw new Error(`${file} is damaged: ${String(check)}`);
    // Killed before its tables were made.
    const isEmpty = database.prepare("SELECT 1 FROM sqlite_master").get() === undefined;
    return isEmpty ? [] : database.prepare(sql).all().map(({ name }) => String(name));
  } finally {
    database.close();
  }
}
