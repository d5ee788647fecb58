/**
 * Runs flows with a database, and asks it.
 */
import { join } from "node:path";
import { expect } from "vitest";
import { type Ended, makeFolder, root, run, type Runtime, startCommand } from "./rig.ts";

export type Rows = readonly (readonly unknown[])[];

export const MIB = 1024 * 1024;

/** The first seed's flow. */
export const mee = {
  name: "mee-too",
  actors: {
    note: { value: "(mee too)", explain: "Static text" },
    keys: { stdin: true, explain: "Read from stdin" },
    foo: { run: ["cat"], in: "keys", explain: "Copy" },
    bar: { run: ["cat"], in: ["note", "foo"], explain: "Copy" },
    baz: { run: ["cat"], in: "bar", explain: "Copy" },
  },
  out: "baz",
};

/** Asks a database by the runtime's own module; undefined when it cannot be read. */
export async function ask(
  runtime: Runtime,
  { db, sql }: { readonly db: string; readonly sql: string },
): Promise<Rows | undefined> {
  const words = runtime.command.slice(0, -1);
  const { code, stdout } = await startCommand([...words, join(root, "test/fixtures/query.mjs"), db, sql])
    .ended;
  // The program prints an array of rows.
  return code === 0 ? JSON.parse(stdout) as Rows : undefined;
}

/** Asks a database that can be read. */
export async function query(runtime: Runtime, db: string, sql: string): Promise<Rows> {
  const rows = await ask(runtime, { db, sql });
  if (rows === undefined) expect.fail(`${db} cannot be read`);
  return rows;
}

export interface Captured extends Ended {
  readonly db: string;
  readonly folder: string;
}

/** Runs a flow to its end, with a database `run.db` in a folder of its own, or in `folder`. */
export async function capture(
  runtime: Runtime,
  flow: object,
  options: { readonly stdin?: string; readonly args?: readonly string[]; readonly folder?: string } = {},
): Promise<Captured> {
  const { args = [], folder = makeFolder() } = options;
  const file = join(makeFolder({ "flow.json": flow }), "flow.json");
  const db = join(folder, "run.db");
  const ended = await run(runtime, [file, "--db", db, ...args], options);
  return { ...ended, db, folder };
}

/** Waits for a condition that has to be asked for; the only timed thing is giving up. */
export async function untilIt(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!await condition()) if (Date.now() > deadline) expect.fail("condition not met");
}
