/**
 * Writes one run into a database: what there is of it at its start, then events and bytes as they come. Everything is
 * in a transaction, and `commit` makes it lasting, so a crash leaves what was committed last.
 */
import type { GrownRecord, RunRecord, StreamRecord } from "../../core/archive.ts";
import type { RunEvent } from "../../core/event.ts";
import { isLive } from "../../core/event.ts";
import type { Database, Statement, Value } from "../../host/files/database.ts";
import { TextCheck } from "./text_check.ts";

interface RecordedStream {
  readonly row: number;
  readonly text: TextCheck;
  size: number;
  isComplete: boolean;
}

export class RunRecorder {
  /** Bytes since the last commit; undefined when nothing has been written since. */
  uncommitted: number | undefined;
  /** Its number in the database. */
  readonly run: number;
  readonly #database: Database;
  readonly #streams: RecordedStream[];
  readonly #changed = new Set<RecordedStream>();
  readonly #putChunk: Statement;
  readonly #putEvent: Statement;

  constructor(database: Database, record: RunRecord) {
    this.#database = database;
    this.#begin();
    this.run = this.#put("runs", {
      uuid: record.uuid,
      flow: record.flow,
      state: "running",
      started: record.startedAt,
    });
    this.#putActors(record);
    this.#streams = record.streams.map((stream) => this.#makeStream(stream));
    this.#putChunk = database.prepare("INSERT OR FAIL INTO chunks (stream, at, bytes) VALUES (?, ?, ?)");
    this.#putEvent = database.prepare(
      "INSERT OR FAIL INTO events (run, at, type, actor, event) VALUES (?, ?, ?, ?, ?)",
    );
    this.commit();
  }

  /** Adds what was not there when the run began. */
  grow({ actor, stream }: GrownRecord): void {
    this.#begin();
    if (actor !== undefined) this.#putActors({ actors: [actor] });
    if (stream !== undefined) this.#streams.push(this.#makeStream(stream));
  }

  #makeStream(stream: StreamRecord): RecordedStream {
    return { row: this.#putStream(stream), text: new TextCheck(), size: 0, isComplete: false };
  }

  /** What is taken from an earlier run is there as a whole from the start. */
  #putStream({ origin, name, actor, port }: StreamRecord): number {
    const row = { run: this.run, name, actor, port };
    if (origin === undefined) return this.#put("streams", { ...row, size: 0, is_complete: 0, is_text: 1 });
    const known = this.#prepare("SELECT is_text FROM streams WHERE id = ?").get(origin.id);
    const isText = Number(known?.["is_text"] ?? 0);
    return this.#put("streams", {
      ...row,
      size: origin.size,
      is_complete: 1,
      is_text: isText,
      origin: origin.id,
    });
  }

  #putActors({ actors }: Pick<RunRecord, "actors">): void {
    const run = this.run;
    for (const { name, kind, explain = null, isBuilt, definition, stamp = null, inputs } of actors) {
      const state = isBuilt ? "done" : "waiting";
      this.#put("actors", { run, name, kind, explain, definition, stamp, state });
      for (const { port, stream } of inputs) this.#put("inputs", { run, actor: name, port, stream });
    }
  }

  /** Adds bytes to a stream; they are copied. */
  append(stream: number, bytes: Uint8Array): void {
    const recorded = this.#find(stream);
    this.#begin(bytes.length);
    this.#putChunk.run(recorded.row, recorded.size, bytes);
    recorded.size += bytes.length;
    recorded.text.add(bytes);
    this.#changed.add(recorded);
  }

  /** The stream is here as a whole. */
  complete(stream: number): void {
    const recorded = this.#find(stream);
    this.#begin();
    recorded.isComplete = true;
    this.#changed.add(recorded);
  }

  note(event: RunEvent): void {
    if (isLive(event)) return;
    this.#begin();
    const { at, type, ...rest } = event;
    const actor = "actor" in rest ? rest.actor : null;
    this.#putEvent.run(this.run, at, type, actor, JSON.stringify(event));
    if (event.type === "actor-started") {
      const { pid, command } = event;
      this.#changeActor(event.actor, {
        state: "running",
        pid,
        command: JSON.stringify(command),
        started: at,
      });
    } else if (event.type === "actor-ended") {
      const { state, exitCode = null, signal = null, endedAt = at, attempts = null } = event.result;
      const end = { state, exit_code: exitCode, signal, ended: endedAt, tries: attempts };
      this.#changeActor(event.actor, end);
    } else if (event.type === "run-ended") {
      const { state, exitCode } = event;
      this.#change("runs", { state, exit_code: exitCode, ended: at }, { id: this.run });
    }
  }

  #changeActor(name: string, values: Readonly<Record<string, Value>>): void {
    this.#change("actors", values, { run: this.run, name });
  }

  /** Makes lasting what was written. */
  commit(): void {
    if (this.uncommitted === undefined) return;
    for (const { row, size, isComplete, text } of this.#changed) {
      const values = { size, is_complete: Number(isComplete), is_text: Number(text.isText) };
      this.#change("streams", values, { id: row });
    }
    this.#changed.clear();
    this.#database.exec("COMMIT");
    this.uncommitted = undefined;
  }

  #begin(bytes = 0): void {
    if (this.uncommitted === undefined) this.#database.exec("BEGIN");
    this.uncommitted = (this.uncommitted ?? 0) + bytes;
  }

  #find(stream: number): RecordedStream {
    const recorded = this.#streams[stream];
    if (recorded === undefined) throw new Error(`No stream ${stream} in this run`);
    return recorded;
  }

  #put(table: string, values: Readonly<Record<string, Value>>): number {
    const names = Object.keys(values);
    const marks = names.map(() => "?").join(", ");
    return this.#prepare(`INSERT OR FAIL INTO ${table} (${names.join(", ")}) VALUES (${marks})`)
      .run(...Object.values(values));
  }

  #change(
    table: string,
    values: Readonly<Record<string, Value>>,
    where: Readonly<Record<string, Value>>,
  ): void {
    const set = Object.keys(values).map((name) => `${name} = ?`).join(", ");
    const found = Object.keys(where).map((name) => `${name} = ?`).join(" AND ");
    this.#prepare(`UPDATE OR FAIL ${table} SET ${set} WHERE ${found}`)
      .run(...Object.values(values), ...Object.values(where));
  }

  readonly #prepared = new Map<string, Statement>();

  #prepare(sql: string): Statement {
    const known = this.#prepared.get(sql) ?? this.#database.prepare(sql);
    this.#prepared.set(sql, known);
    return known;
  }
}
