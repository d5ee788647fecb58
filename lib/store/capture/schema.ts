/**
 * What a capture's database looks like. `docs/capture.md` tells it to people; a change of it gets a new version.
 *
 *   runs ─┬─ actors ─── inputs (which stream an actor's input reads, in order)
 *         ├─ streams ── chunks (the bytes, in pieces)
 *         └─ events
 *   Dict: a view with one row for each stream of the newest run
 *   messages: a view with one row for each step of a message
 */

/** Kept in the database as `PRAGMA user_version`. */
export const FORMAT_VERSION = 5;

/** "Slui", as `PRAGMA application_id`: tells our databases from all others. */
export const APPLICATION_ID = 0x536c7569;

/** No text and no blob of SQLite is longer, unless it was compiled so. */
const VALUE_BYTES_MAX = 1_000_000_000;

/** SQLite up to 3.43 has no order within an aggregate, so the order comes from a subquery. */
const BYTES =
  "SELECT group_concat(bytes, '') FROM (SELECT bytes FROM chunks WHERE stream = ifnull(streams.origin, streams.id) ORDER BY at)";

const DICT = `CREATE VIEW Dict (key, value) AS
SELECT name, CASE
  WHEN size > ${VALUE_BYTES_MAX} THEN NULL
  WHEN is_text THEN CAST(ifnull((${BYTES}), '') AS TEXT)
  ELSE CAST(ifnull((${BYTES}), x'') AS BLOB)
END
FROM streams WHERE run = (SELECT max(id) FROM runs) ORDER BY streams.id;`;

const FIELDS = ["step", "id", "messageType", "sender", "receiver", "correlationId", "bytes", "envelope"];

const MESSAGES =
  `CREATE VIEW messages (run, at, step, id, message_type, sender, receiver, correlation_id, bytes, envelope) AS
SELECT run, at, ${FIELDS.map((field) => `json_extract(event, '$.${field}')`).join(", ")}
FROM events WHERE type = 'message' ORDER BY id;`;

/** By version: makes of a database of it one of the next. */
export const UPGRADES: ReadonlyMap<number, string> = new Map([
  [
    1,
    `
ALTER TABLE actors ADD COLUMN stamp TEXT;
ALTER TABLE streams ADD COLUMN origin INTEGER;
DROP VIEW Dict;
${DICT}
PRAGMA user_version = 2;
`,
  ],
  [2, `${MESSAGES} PRAGMA user_version = 3;`],
  [3, "ALTER TABLE runs ADD COLUMN cut TEXT; PRAGMA user_version = 4;"],
  [4, "ALTER TABLE actors ADD COLUMN tries INTEGER; PRAGMA user_version = 5;"],
]);

/**
 * Times are milliseconds since the epoch. The bytes of a stream that was taken from an earlier run are that run's:
 * `origin` names its stream there.
 */
export const SCHEMA = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL,
  flow TEXT NOT NULL,
  state TEXT NOT NULL,
  exit_code INTEGER,
  started INTEGER NOT NULL,
  ended INTEGER,
  cut TEXT
);
CREATE TABLE actors (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  explain TEXT,
  definition TEXT NOT NULL,
  stamp TEXT,
  state TEXT NOT NULL,
  command TEXT,
  pid INTEGER,
  exit_code INTEGER,
  signal TEXT,
  started INTEGER,
  ended INTEGER,
  tries INTEGER
);
CREATE UNIQUE INDEX actors_of_run ON actors (run, name);
CREATE TABLE inputs (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  actor TEXT NOT NULL,
  port TEXT NOT NULL,
  stream TEXT NOT NULL
);
CREATE INDEX inputs_of_run ON inputs (run);
CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  name TEXT NOT NULL,
  actor TEXT NOT NULL,
  port TEXT NOT NULL,
  size INTEGER NOT NULL,
  is_complete INTEGER NOT NULL,
  is_text INTEGER NOT NULL,
  origin INTEGER
);
CREATE UNIQUE INDEX streams_of_run ON streams (run, name);
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  at INTEGER NOT NULL,
  bytes BLOB NOT NULL
);
CREATE INDEX chunks_of_stream ON chunks (stream, at);
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  actor TEXT,
  event TEXT NOT NULL
);
CREATE INDEX events_of_run ON events (run);
${DICT}
${MESSAGES}
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${FORMAT_VERSION};
`;
