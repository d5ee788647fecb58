/**
 * Figures in the text format of Prometheus, by names as OpenTelemetry's specification makes them of its own.
 */
import type { Figure } from "./run_metrics.ts";

/** What stands behind a name, by unit; in braces is what is counted, which is no unit. */
const UNITS: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes", ms: "_milliseconds" };

export function formatPrometheus(figures: readonly Figure[]): string {
  return figures.filter(({ values }) => values.length > 0).flatMap(formatFigure).map((line) => `${line}\n`)
    .join("");
}

function formatFigure({ name, unit, description, kind, values }: Figure): readonly string[] {
  const base = `${toName(name)}${UNITS[unit] ?? ""}${kind === "counter" ? "_total" : ""}`;
  return [
    `# HELP ${base} ${description.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${base} ${kind}`,
    ...values.map(({ attributes, value }) => `${base}${formatLabels(attributes)} ${formatNumber(value)}`),
  ];
}

function formatLabels(attributes: Figure["values"][number]["attributes"]): string {
  const labels = Object.entries(attributes).map(([name, value]) => `${toName(name)}="${escapeLabel(value)}"`);
  return labels.length === 0 ? "" : `{${labels.join(",")}}`;
}

function toName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}

/** A lone half of a character is none in UTF-8. */
function escapeLabel(value: string): string {
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
