/** `sluice inspect DB [STREAM] [--run N] [--diff A B]` */
import type { Archive, ArchivedRun } from "../../core/archive.ts";
import { streamName } from "../../core/flow.ts";
import { groupOf } from "../../core/instance.ts";
import { writeStandardOutput } from "../../host/bytes/byte_writer.ts";
import { formatFailure } from "../../report/text/failure_text.ts";
import { formatDifference, formatRuns, listRunLines } from "../../report/text/inspect_text.ts";
import { writeLines, writeText } from "../../report/sinks/write_text.ts";
import { compareRuns } from "../../store/capture/compare_runs.ts";
import type { RunArchive } from "../../store/capture/run_archive.ts";
import { openArchive } from "../line/open_archive.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";

export async function inspectCommand({ words, options }: Arguments): Promise<number> {
  const [file, ...rest] = words;
  if (file === undefined) {
    throw new UsageError(
      "There is nothing to inspect (expected the path of a database, of sluice FLOW --db DB)",
    );
  }
  const { run, diff, json: isJson = false } = options;
  const [stream, ...more] = rest;
  if (more.length > 0) {
    throw new UsageError(`There is too much to inspect: ${more.join(" ")} (expected one stream)`);
  }
  if (diff !== undefined && run !== undefined) {
    throw new UsageError(
      "Cannot combine --run and --diff: --diff names two runs itself (expected one of them)",
    );
  }
  const color = wantsColor(1, options["no-color"] === true);
  const archive = openArchive(file);
  try {
    if (diff !== undefined) return tellDifference(archive, { before: diff, after: stream, isJson });
    if (stream !== undefined) return await writeStream(archive, { run, stream });
    return run === undefined
      ? listRuns(archive, { color, isJson })
      : tellRun(archive.read(findRun(archive, run)), {
        archive,
        color,
        isJson,
        isExpanded: options.expand === true,
      });
  } finally {
    archive.close();
  }
}

/** The newest run unless one is named. */
function findRun(archive: RunArchive, name: string | undefined): ArchivedRun {
  const runs = archive.listRuns();
  const found = name === undefined ? runs[0] : archive.findRun(name);
  if (found !== undefined) return found;
  throw new UsageError(
    name === undefined
      ? "There is no run in this database (sluice FLOW --db DB captures one)"
      : `There is no run "${name}" (runs: ${
        runs.length === 0 ? "none" : `1 to ${runs[0]?.number}`
      }, or an identity)`,
  );
}

function listRuns(
  archive: RunArchive,
  { color, isJson }: { readonly color: boolean; readonly isJson: boolean },
): number {
  const archives = archive.listRuns().map((run) => archive.read(run));
  return print(isJson ? toJson(archives.map(({ run }) => run)) : formatRuns(archives, { color }));
}

function tellRun(
  run: Archive,
  { archive, color, isJson, isExpanded }: {
    readonly archive: RunArchive;
    readonly color: boolean;
    readonly isJson: boolean;
    readonly isExpanded: boolean;
  },
): number {
  const failures = archive.listFailures(run.run);
  if (isJson) return print(toJson({ ...run, failures }));
  writeLines(1, listRunLines(run, { color, isExpanded }));
  return print(failures.map((failure) => formatFailure(failure, { color })).join(""));
}

function tellDifference(
  archive: RunArchive,
  { before, after, isJson }: {
    readonly before: string;
    readonly after: string | undefined;
    readonly isJson: boolean;
  },
): number {
  if (after === undefined) throw new UsageError("There is one run only to compare (expected --diff A B)");
  const both = {
    before: archive.read(findRun(archive, before)),
    after: archive.read(findRun(archive, after)),
  };
  const difference = compareRuns(both, (stream) => archive.readStream(stream));
  const runs = { before: both.before.run, after: both.after.run };
  return print(isJson ? toJson(difference) : formatDifference(difference, runs));
}

async function writeStream(
  archive: RunArchive,
  { run, stream: name }: { readonly run: string | undefined; readonly stream: string },
): Promise<number> {
  const { streams } = archive.read(findRun(archive, run));
  const own = streams.filter((each) => each.name === name);
  // The name of an actor over sets is that of all its instances, in order.
  const all = own.length > 0
    ? own
    : streams.filter(({ actor, port }) => streamName({ actor: groupOf(actor), port }) === name);
  if (all.length === 0) throw new UsageError(describeNone(name, streams));
  const writer = writeStandardOutput();
  for (const stream of all) {
    for (const bytes of archive.readStream(stream)) {
      if (await writer.write(bytes)) continue;
      writer.close();
      return 0;
    }
  }
  writer.close();
  return 0;
}

function describeNone(name: string, streams: Archive["streams"]): string {
  const names = streams.map((each) => each.name);
  const inner = names.filter((each) => groupOf(each).startsWith(`${name}/`) || each.startsWith(`${name}/`));
  return inner.length > 0
    ? `There is no stream "${name}" in this run: it is a flow that is used (streams of its actors: ${
      inner.join(", ")
    })`
    : `There is no stream "${name}" in this run (streams: ${names.join(", ")})`;
}

function toJson(data: unknown): string {
  return `${JSON.stringify(data)}\n`;
}

function print(text: string): number {
  writeText(1, text);
  return 0;
}
