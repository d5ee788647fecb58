/**
 * Where a run stands in a trace: the W3C's Trace Context, as OpenTelemetry hands it on by environment variables
 * (`TRACEPARENT`).
 */

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Two hexadecimal digits; the last bit says that the trace is kept. */
  readonly flags: string;
}

/** What `TRACEPARENT` holds, and the span that it names. */
export interface TraceParent extends TraceContext {
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** Undefined when there is none, or it is not valid: then the trace begins anew. */
export function readTraceParent(text: string | undefined): TraceParent | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text?.trim() ?? "") ?? [];
  return traceId === undefined || spanId === undefined || flags === undefined
    ? undefined
    : { traceId, spanId, flags };
}

/** What a process is given whose parent is the span of that name. */
export function traceParentOf(context: TraceContext, name: string): string {
  return `00-${context.traceId}-${spanIdOf(context, name)}-${context.flags}`;
}

const FNV_PRIME = 16_777_619;
const SEEDS = [2_166_136_261, 3_735_928_559];

/** The span of a name within a trace: whoever knows both, knows it, so that nobody has to tell it. */
export function spanIdOf({ traceId }: TraceContext, name: string): string {
  const text = `${traceId}/${name}`;
  const halves = SEEDS.map((seed) => {
    let hash = seed;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
    // FNV's last characters reach its last bits only: mixed as in MurmurHash3.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0");
  });
  const id = halves.join("");
  return /^0+$/.test(id) ? "0000000000000001" : id;
}
