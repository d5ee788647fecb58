/**
 * `--otlp URL`, or the environment variables that OpenTelemetry has for exporters.
 */
import process from "node:process";
import type { TraceContext } from "../../core/trace.ts";
import { readTraceParent } from "../../core/trace.ts";
import { OtlpExporter } from "../../report/telemetry/otlp_exporter.ts";
import { VERSION } from "./version.ts";
import { UsageError } from "./usage_error.ts";

export interface Telemetry {
  readonly exporter: OtlpExporter;
  readonly trace: TraceContext;
}

/** Throws a UsageError when the address is none. */
export function openTelemetry(endpoint: string): Telemetry {
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw new UsageError(
      `Cannot send telemetry to "${endpoint}" (expected --otlp URL, such as http://localhost:4318)`,
    );
  }
  const { OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME, TRACEPARENT } =
    process.env;
  const outer = readTraceParent(TRACEPARENT);
  const trace = outer ?? { traceId: crypto.randomUUID().replaceAll("-", ""), flags: "01" };
  const resource = readPairs(OTEL_RESOURCE_ATTRIBUTES);
  const exporter = new OtlpExporter({
    endpoint,
    headers: readPairs(OTEL_EXPORTER_OTLP_HEADERS),
    resource: {
      ...resource,
      "service.name": OTEL_SERVICE_NAME ?? resource["service.name"] ?? "sluice",
      "process.pid": String(process.pid),
    },
    version: VERSION,
    trace: { ...trace, parent: outer?.spanId },
  });
  return { exporter, trace: { traceId: trace.traceId, flags: trace.flags } };
}

/** `key=value,key=value`, with values as in addresses (`%20`). */
function readPairs(text = ""): Record<string, string> {
  return Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const at = pair.indexOf("=");
      return at <= 0 ? [] : [[pair.slice(0, at).trim(), decode(pair.slice(at + 1).trim())]];
    }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone percent sign stands for itself.
  }
}
