/**
 * Looks into a database of runs.
 */
import type {
  Archive,
  ArchivedActor,
  ArchivedRun,
  ArchivedStream,
  ArchivedTalk,
} from "../../core/archive.ts";
import type { RunEvent } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import type { Database, Row, Statement } from "../../host/files/database.ts";

export class RunArchive {
  readonly #database: Database;
  readonly #nextChunk: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#nextChunk = database.prepare(
      "SELECT bytes FROM chunks WHERE stream = ? AND at >= ? ORDER BY at LIMIT 1",
    );
  }

  /** The newest run first. */
  listRuns(): readonly ArchivedRun[] {
    return this.#database.prepare("SELECT * FROM runs ORDER BY id DESC").all().map(toRun);
  }

  /** A run by its number, or by its identity or the beginning of it. Undefined when there is none, or no single one. */
  findRun(name: string): ArchivedRun | undefined {
    const runs = this.listRuns();
    const numbered = runs.find(({ number }) => String(number) === name);
    const [found, ...more] = runs.filter(({ uuid }) => name !== "" && uuid.startsWith(name));
    return numbered ?? (more.length === 0 ? found : undefined);
  }

  /** Everything but the bytes, in the order of the flow. */
  read(run: ArchivedRun): Archive {
    const rows = (table: string): readonly Row[] =>
      this.#database.prepare(`SELECT * FROM ${table} WHERE run = ? ORDER BY id`).all(run.number);
    const inputs = new Map<string, { port: string; stream: string }[]>();
    for (const row of rows("inputs")) {
      const actor = text(row, "actor");
      const known = inputs.get(actor) ?? [];
      known.push({ port: text(row, "port"), stream: text(row, "stream") });
      inputs.set(actor, known);
    }
    return {
      run,
      actors: rows("actors").map((row) => toActor(row, inputs.get(text(row, "name")) ?? [])),
      streams: rows("streams").map(toStream),
    };
  }

  /** What went wrong in a run, in order. */
  listFailures(run: ArchivedRun): readonly Failure[] {
    return this.#database.prepare("SELECT event FROM events WHERE run = ? AND type = 'failure' ORDER BY id")
      .all(run.number)
      // Only the recorder writes events, and those of this type hold a failure.
      .map((row) => (JSON.parse(text(row, "event")) as { readonly failure: Failure }).failure);
  }

  /** Everything that has happened in a run, in order. */
  *listEvents(run: ArchivedRun): Generator<RunEvent, void, undefined> {
    const next = this.#database.prepare(
      "SELECT id, event FROM events WHERE run = ? AND id > ? ORDER BY id LIMIT 1000",
    );
    for (let after = 0;;) {
      const rows = next.all(run.number, after);
      if (rows.length === 0) return;
      for (const row of rows) {
        after = number(row, "id") ?? after;
        yield JSON.parse(text(row, "event")) as RunEvent; // Only the recorder writes them.
      }
    }
  }

  /** Who was given messages of which types by whom; addresses may have a key behind the actor. */
  listTalks(run: ArchivedRun): readonly ArchivedTalk[] {
    return this.#database.prepare(
      "SELECT DISTINCT sender, receiver, message_type FROM messages WHERE run = ? AND step = 'delivered' ORDER BY 1, 2, 3",
    ).all(run.number).map((row) => ({
      sender: text(row, "sender"),
      receiver: text(row, "receiver"),
      messageType: text(row, "message_type"),
    }));
  }

  /** The bytes of a stream, in pieces. */
  *readStream({ id, size }: Pick<ArchivedStream, "id" | "size">): Generator<Uint8Array, void, undefined> {
    for (let at = 0; at < size;) {
      const bytes = this.#nextChunk.get(id, at)?.["bytes"];
      if (!(bytes instanceof Uint8Array) || bytes.length === 0) return;
      yield bytes;
      at += bytes.length;
    }
  }

  /** Some bytes of a stream, from a position on. */
  readBytes(
    { id, size }: Pick<ArchivedStream, "id" | "size">,
    { from, bytesMax }: { readonly from: number; readonly bytesMax: number },
  ): Uint8Array {
    const found = new Uint8Array(Math.max(0, Math.min(bytesMax, size - from)));
    // The last chunk that begins at or before the position.
    const first = this.#database.prepare("SELECT max(at) AS at FROM chunks WHERE stream = ? AND at <= ?");
    let at = number(first.get(id, from) ?? {}, "at") ?? 0;
    for (let length = 0; length < found.length;) {
      const bytes = this.#nextChunk.get(id, at)?.["bytes"];
      if (!(bytes instanceof Uint8Array) || bytes.length === 0) return found.subarray(0, length);
      const piece = bytes.subarray(from + length - at, from + found.length - at);
      found.set(piece, length);
      length += piece.length;
      at += bytes.length;
    }
    return found;
  }

  close(): void {
    this.#database.close();
  }
}

// Only the recorder writes these tables, so their columns hold what the types say.

function toRun(row: Row): ArchivedRun {
  return {
    number: number(row, "id") ?? 0,
    uuid: text(row, "uuid"),
    flow: text(row, "flow"),
    state: text(row, "state") as ArchivedRun["state"],
    startedAt: number(row, "started") ?? 0,
    ...some({
      exitCode: number(row, "exit_code"),
      endedAt: number(row, "ended"),
      cut: optionalText(row, "cut"),
    }),
  };
}

function toActor(row: Row, inputs: ArchivedActor["inputs"]): ArchivedActor {
  return {
    name: text(row, "name"),
    kind: text(row, "kind") as ArchivedActor["kind"],
    definition: text(row, "definition"),
    inputs,
    state: text(row, "state") as ArchivedActor["state"],
    ...some({
      stamp: optionalText(row, "stamp"),
      explain: optionalText(row, "explain"),
      command: row["command"] === null ? undefined : JSON.parse(text(row, "command")) as string[],
      pid: number(row, "pid"),
      exitCode: number(row, "exit_code"),
      signal: optionalText(row, "signal"),
      attempts: number(row, "tries"),
      startedAt: number(row, "started"),
      endedAt: number(row, "ended"),
    }),
  };
}

function toStream(row: Row): ArchivedStream {
  return {
    // A database of version 1 has no such column.
    id: number(row, "origin") ?? number(row, "id") ?? 0,
    name: text(row, "name"),
    actor: text(row, "actor"),
    port: text(row, "port"),
    size: number(row, "size") ?? 0,
    isComplete: row["is_complete"] === 1,
  };
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function optionalText(row: Row, column: string): string | undefined {
  return typeof row[column] === "string" ? row[column] : undefined;
}

function number(row: Row, column: string): number | undefined {
  return typeof row[column] === "number" ? row[column] : undefined;
}

type Some<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** Only what is there. */
function some<Values extends Record<string, unknown>>(values: Values): Some<Values> {
  // What is left out are exactly the members that are undefined.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Some<
    Values
  >;
}
