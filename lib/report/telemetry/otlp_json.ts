/**
 * The words of OTLP in its JSON form: identities are hexadecimal, times are nanoseconds, and 64-bit numbers are texts.
 */
export type AttributeValue = string | number | boolean | readonly string[] | undefined;

/** Those that are undefined are left out. */
export function toAttributes(values: Readonly<Record<string, AttributeValue>>): readonly object[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: toValue(value) }]
  );
}

function toValue(value: Exclude<AttributeValue, undefined>): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } };
}

/** Milliseconds since the epoch as nanoseconds. */
export function toNanos(ms: number): string {
  const whole = Math.floor(ms);
  return `${whole}${String(Math.round((ms - whole) * 1e6)).padStart(6, "0")}`;
}

export const SPAN_INTERNAL = 1;
export const SPAN_PRODUCER = 4;
export const STATUS_OK = 1;
export const STATUS_ERROR = 2;
/** Sums that are told from the beginning of the run. */
export const CUMULATIVE = 2;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status: { readonly code?: number; readonly message?: string };
}
