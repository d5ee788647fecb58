/**
 * A script that is said, as the text of a flow file: one actor a line.
 */
import type { Findings } from "./scope.ts";
import { listPieces } from "./piece.ts";
import type { FlowParam, Note, Piece, PortInput, Said, Stream } from "./piece.ts";

export interface Written {
  readonly text: string;
  readonly notes: readonly Note[];
}

/** The flow, and what is to be told of it. */
export function writeFlow({ stdout, targets }: Said, findings: Findings): Written {
  const pieces = listPieces([...stdout, ...[...targets.values()].flat()]);
  const names = nameAll(pieces);
  const actors = new Map(pieces.map((piece) => [names.get(piece) ?? "", toActor(piece, names)]));
  const out = toOut({ stdout, targets }, names);
  const env = Object.fromEntries(findings.env);
  const used = JSON.stringify([[...actors], out, env]);
  const params = [...findings.params].filter(([name]) => used.includes(`{param.${name}}`));
  const sets = [...findings.sets].filter(([name]) => pieces.some(({ each }) => each === name));
  const sections = [
    ...params.length > 0 ? [section("params", params.map(([name, param]) => [name, toParam(param)]))] : [],
    ...sets.length > 0 ? [section("sets", sets.map(([name, set]) => [name, set]))] : [],
    section("actors", [...actors]),
    ...findings.env.size > 0 ? [`  "env": ${line(env)}`] : [],
    `  "out": ${line(out)}`,
  ];
  const left = pieces.flatMap((piece) =>
    piece.left === undefined ? [] : [toNote(piece.left, names.get(piece))]
  );
  return { text: `{\n${sections.join(",\n")}\n}\n`, notes: [...left, ...findings.notes] };
}

function toNote({ pos, text }: Note, name = ""): Note {
  return { pos, text: `a flow cannot say ${text}: left to a shell, as actor "${name}"` };
}

function nameAll(pieces: readonly Piece[]): ReadonlyMap<Piece, string> {
  const taken = new Set<string>();
  return new Map(pieces.map((piece) => {
    let name = piece.wish;
    for (let count = 2; taken.has(name); count++) name = `${piece.wish}${count}`;
    taken.add(name);
    return [piece, name];
  }));
}

type Names = ReadonlyMap<Piece, string>;

function toActor(piece: Piece, names: Names): object {
  const { body, stdin, inputs, env, each, ok } = piece;
  return {
    ...each === undefined ? {} : { each },
    ...toBody(body),
    ...stdin.length === 0 && inputs.size === 0 ? {} : { in: toIn(stdin, inputs, names) },
    ...env.size === 0 ? {} : { env: Object.fromEntries(env) },
    ...ok === undefined ? {} : { ok },
  };
}

function toBody(body: Piece["body"]): object {
  switch (body.kind) {
    case "run":
      return { run: body.argv };
    case "sh":
      return { sh: body.text };
    case "value":
      return { value: body.text };
    case "file":
      return { file: body.path };
    case "stdin":
      return { stdin: true };
  }
}

function toIn(stdin: readonly Stream[], inputs: ReadonlyMap<string, PortInput>, names: Names): unknown {
  if (inputs.size === 0) return toStreams(stdin, names);
  return {
    ...stdin.length === 0 ? {} : { stdin: toStreams(stdin, names) },
    ...Object.fromEntries([...inputs].map(([port, { streams, asFile }]) => {
      const from = toStreams(streams, names);
      return [port, asFile ? { from, as: "file" } : from];
    })),
  };
}

/** One stream, or a list of them. */
function toStreams(streams: readonly Stream[], names: Names): string | readonly string[] {
  const shown = streams.map(({ piece, port }) =>
    `${names.get(piece)}${port === undefined ? "" : `.${port}`}`
  );
  return shown.length === 1 ? shown[0] ?? "" : shown;
}

function toOut({ stdout, targets }: Said, names: Names): unknown {
  if (targets.size === 0) return toStreams(stdout, names);
  return {
    ...stdout.length === 0 ? {} : { "-": toStreams(stdout, names) },
    ...Object.fromEntries([...targets].map(([path, streams]) => [path, toStreams(streams, names)])),
  };
}

function toParam(param: FlowParam): object {
  if (param.env !== undefined || param.default !== undefined) return param;
  return { explain: "an argument of the script" };
}

function section(name: string, entries: readonly (readonly [string, object])[]): string {
  const lines = entries.map(([key, value]) => `    ${JSON.stringify(key)}: ${line(value)}`);
  return `  "${name}": {\n${lines.join(",\n")}\n  }`;
}

/** JSON on one line, with spaces where people put them. */
function line(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(line).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${line(entry)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
