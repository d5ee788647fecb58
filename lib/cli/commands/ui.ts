/** `sluice ui DB [RUN] [--listen HOST:PORT] [--report FILE]`: the page of a run that was captured. */
import type { ArchivedStream } from "../../core/archive.ts";
import { PAGE_PART_BYTES, REPORT_PART_BYTES, REPORT_STREAMS_BYTES } from "../../core/limits/page.ts";
import { describeRuntime } from "../../host/runtime.ts";
import { LivePage } from "../../report/web/live_page.ts";
import { pageOfArchive } from "../../report/web/page_of_archive.ts";
import type { PageStream } from "../../report/web/page_run.ts";
import type { PartAsked, StreamPart } from "../../report/web/page_server.ts";
import { writeReport } from "../../report/web/write_report.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import type { RunArchive } from "../../store/capture/run_archive.ts";
import { openArchive } from "../line/open_archive.ts";
import { checkReport, servePage, untilSignal } from "../line/open_page.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { UsageError } from "../line/usage_error.ts";
import { VERSION } from "../line/version.ts";

export async function uiCommand({ words, options }: Arguments): Promise<number> {
  const [file, name] = words;
  if (file === undefined) {
    throw new UsageError(
      "There is nothing to show (expected the path of a database, of sluice FLOW --db DB)",
    );
  }
  const { listen = "127.0.0.1:0", report } = options;
  const place = report === undefined ? undefined : checkReport(report);
  const archive = openArchive(file);
  try {
    const page = readPage(archive, { name, hasTexts: report !== undefined });
    if (place !== undefined) {
      await writeReport(place, await page.report());
      return 0;
    }
    const server = await servePage(page, listen);
    writeText(2, "Ctrl-C ends it\n");
    await untilSignal();
    await server.close();
    return 0;
  } finally {
    archive.close();
  }
}

function readPage(
  archive: RunArchive,
  { name, hasTexts }: { readonly name: string | undefined; readonly hasTexts: boolean },
): LivePage {
  const run = name === undefined ? archive.listRuns()[0] : archive.findRun(name);
  if (run === undefined) {
    throw new UsageError(
      name === undefined
        ? "There is no run in this database"
        : `There is no run "${name}" (sluice inspect lists them)`,
    );
  }
  const read = archive.read(run);
  const streams = new Map(read.streams.map((stream) => [stream.name, stream]));
  const part = (asked: PartAsked): StreamPart | undefined => {
    const stream = streams.get(asked.name);
    return stream && readPart(archive, stream, { from: asked.from, bytesMax: PAGE_PART_BYTES });
  };
  const engine = `sluice ${VERSION}, ${describeRuntime()}`;
  const shown = hasTexts ? readTexts(archive, read.streams) : read.streams.map(toPageStream);
  const page = new LivePage(pageOfArchive(read, { engine, streams: shown }), { part });
  for (const event of archive.listEvents(run)) page.write(event);
  return page;
}

function toPageStream({ name, actor, port, size, isComplete }: ArchivedStream): PageStream {
  return { name, actor, port, bytes: size, isComplete };
}

/** The beginning and the end of each, as long as there is room. */
function readTexts(archive: RunArchive, streams: readonly ArchivedStream[]): readonly PageStream[] {
  let left = REPORT_STREAMS_BYTES;
  const textOf = (stream: ArchivedStream, from: "head" | "tail"): string => {
    const { bytes } = readPart(archive, stream, { from, bytesMax: Math.min(left, REPORT_PART_BYTES) });
    left -= bytes.length;
    return new TextDecoder().decode(bytes);
  };
  return streams.map((stream) => ({
    ...toPageStream(stream),
    head: textOf(stream, "head"),
    ...stream.size > REPORT_PART_BYTES ? { tail: textOf(stream, "tail") } : {},
  }));
}

function readPart(
  archive: RunArchive,
  stream: ArchivedStream,
  { from, bytesMax }: { readonly from: PartAsked["from"]; readonly bytesMax: number },
): StreamPart {
  const { size, isComplete } = stream;
  const at = from === "head" ? 0 : from === "tail" ? Math.max(0, size - bytesMax) : Math.min(from, size);
  return { bytes: archive.readBytes(stream, { from: at, bytesMax }), from: at, size, isComplete };
}
