/** Random sets for `sets.ts`: as a flow file has them, and what is known of each of their members. */
import type { Random } from "./prng.ts";

/** What may stand in braces of a text, such as `s0.tag`, and what it stands for. */
export type Fields = ReadonlyMap<string, string>;

/** A set as a flow file names it, with its members written out. */
export interface DrawnSet {
  readonly name: string;
  readonly written: object;
  readonly members: readonly { readonly key: string; readonly fields: Fields }[];
  /** A field that is a plain word in every member; one that is a path, or a number, where there is one. */
  readonly word: string;
  readonly path?: string;
  readonly number?: string;
  /** Files that have to be there: streams of `source.py`, and texts as they are. */
  readonly files: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Which member of each set, by its number. */
export type Members = ReadonlyMap<string, number>;

/** All instances, the members of the last set changing first. */
export function listMembers(each: readonly DrawnSet[]): readonly Members[] {
  return each.reduce<readonly Members[]>(
    (all, { name, members }) =>
      all.flatMap((known) => members.map((_, at) => new Map([...known, [name, at]]))),
    [new Map()],
  );
}

/** Nothing that a shell would take for something else within double quotes. */
const ODD = ["a b", "x,y", "[z]", "it's", "Zoë", "*", "k=v;w", "#1", "-n", "{id}", "50%"];
const COUNTS = [[1, 0], [3, 1], [8, 2], [8, 3], [3, 7], [1, 40]] as const;

export function drawSet(random: Random, name: string): DrawnSet {
  const count = random.weighted(COUNTS);
  switch (random.pick(["values", "objects", "range", "files", "table"] as const)) {
    case "values": {
      const values = random.shuffle(ODD).slice(0, Math.max(1, Math.min(count, ODD.length)));
      return plain(name, { values }, values);
    }
    case "range": {
      const [from, step] = [random.int(0, 300), random.int(1, 50)];
      const values = Array.from({ length: Math.max(1, count) }, (_, at) => String(from + at * step));
      const range = [from, from + (values.length - 1) * step, step];
      return { ...plain(name, { range }, values), number: name };
    }
    case "objects": {
      const rows = drawRows(random, Math.max(1, count));
      return withFields(name, { values: rows }, rows);
    }
    case "table": {
      const rows = drawRows(random, count);
      const text = ["id,tag", ...rows.map(({ id, tag }) => `"${id}",${tag}`), ""].join("\n");
      const written = { table: `${name}.csv`, optional: true };
      return { ...withFields(name, written, rows), texts: { [`${name}.csv`]: text } };
    }
    case "files":
      return drawFiles(random, name, Math.min(count, ODD.length));
  }
}

interface Row {
  readonly id: string;
  readonly tag: string;
}

function drawRows(random: Random, count: number): readonly Row[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `${random.pick(ODD)}${at}`,
    tag: `t${random.int(0, 9)}`,
  }));
}

function plain(name: string, written: object, values: readonly string[]): DrawnSet {
  const members = values.map((value, at) => ({
    key: value,
    fields: new Map([[name, value], [`${name}.index`, String(at)]]),
  }));
  return { name, written, members, word: `${name}.index`, files: {}, texts: {} };
}

function withFields(name: string, written: object, rows: readonly Row[]): DrawnSet {
  const members = rows.map(({ id, tag }, at) => ({
    key: id,
    fields: new Map([
      [name, id],
      [`${name}.id`, id],
      [`${name}.tag`, tag],
      [`${name}.index`, String(at)],
    ]),
  }));
  return { name, written, members, word: `${name}.tag`, files: {}, texts: {} };
}

/** Sorted by the bytes of their paths. */
function drawFiles(random: Random, name: string, count: number): DrawnSet {
  const stems = random.shuffle(["a", "B", "c d", "e,f", "é", "g]", "h[1]", "i", "j", "k", "l"]).slice(
    0,
    count,
  );
  const paths = stems.map((stem) => `${name}/${random.pick(["", "deep/"])}${stem}.dat`)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const members = paths.map((path, at) => {
    const base = path.slice(path.lastIndexOf("/") + 1);
    const stem = base.slice(0, -".dat".length);
    const fields = new Map([
      [name, path],
      [`${name}.path`, path],
      [`${name}.name`, base],
      [`${name}.stem`, stem],
      [`${name}.index`, String(at)],
    ]);
    return { key: path, fields };
  });
  const files = Object.fromEntries(paths.map((path) => {
    const bytes = random.weighted([[1, 0], [5, random.int(1, 300)], [3, random.int(1000, 70_000)], [
      1,
      400_000,
    ]]);
    return [path, `${bytes}:${random.int(0, 9999)}:${bytes < 1000 ? "short" : "text"}`];
  }));
  const written = { files: `${name}/**/*.dat`, optional: true };
  return { name, written, members, word: `${name}.index`, path: `${name}.path`, files, texts: {} };
}
