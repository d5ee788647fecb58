/**
 * The beginning and the end of captured streams.
 */
import { useState } from "preact/hooks";
import { formatBytes } from "../../text/format_bytes.ts";
import { makeHarmless } from "../../text/make_harmless.ts";
import type { PageRun, PageStream } from "../page_run.ts";
import { readPart } from "./connect.ts";

export function Streams({ run, name }: { run: PageRun; name: string }) {
  const streams = run.streams.filter(({ actor }) => actor === name);
  if (streams.length === 0) return null;
  return (
    <section>
      <h3>Captured</h3>
      {streams.map((stream) => <Stream key={stream.name} stream={stream} isReport={run.use === "report"} />)}
    </section>
  );
}

interface Parts {
  readonly head: string;
  readonly tail?: string | undefined;
}

function Stream({ stream, isReport }: { stream: PageStream; isReport: boolean }) {
  const { head, tail } = stream;
  const [parts, setParts] = useState<Parts | "asked" | "lost" | undefined>(
    isReport && head !== undefined ? { head, tail } : undefined,
  );
  const ask = async (): Promise<void> => {
    setParts("asked");
    const first = await readPart(stream.name, "head");
    if (first === undefined) return setParts("lost");
    const isAll = new TextEncoder().encode(first.text).length >= first.size;
    const last = isAll ? undefined : await readPart(stream.name, "tail");
    setParts({ head: first.text, tail: last?.text });
  };
  return (
    <div class="stream">
      <p>
        <b>{stream.name}</b>{" "}
        <span class="soft">
          {formatBytes(stream.bytes)}
          {stream.isComplete ? "" : ", not complete"}
        </span>{" "}
        {parts === undefined && !isReport && <button type="button" onClick={() => void ask()}>Show</button>}
        {parts === "asked" && <span class="soft">…</span>}
        {parts === "lost" && <span class="soft">cannot be read</span>}
      </p>
      {typeof parts === "object" && (
        <>
          <Part label={`Beginning of ${stream.name}`} text={parts.head} />
          {parts.tail !== undefined && (
            <>
              <p class="soft">… and its end:</p>
              <Part label={`End of ${stream.name}`} text={parts.tail} />
            </>
          )}
        </>
      )}
    </div>
  );
}

const SHOWN_MAX = 20_000;

function Part({ label, text }: { label: string; text: string }) {
  const shown = text.slice(0, SHOWN_MAX).split("\n").map((line) =>
    makeHarmless(line, { keepsColors: false })
  );
  return <pre class="text" tabIndex={0} aria-label={label}>{shown.join("\n")}</pre>;
}
