/**
 * Whether and when a failed actor is run again: exponential backoff with jitter, as in "Exponential Backoff And Jitter"
 * (AWS Architecture Blog, 2015), where tries of many actors must not come at the same moment.
 */
import type { Retry } from "../../core/flow.ts";
import { BACKOFF_DOUBLINGS_MAX, RETRY_BACKOFF_MAX_MS } from "../../core/limits/process.ts";

/** The wait before the next try in milliseconds, or undefined when there is none. */
export function nextTry(
  retry: Retry | undefined,
  { attempt, sinceFirstMs, random }: {
    /** Which try has failed, from 1. */
    readonly attempt: number;
    readonly sinceFirstMs: number;
    /** From 0 to 1, without 1. */
    readonly random: number;
  },
): number | undefined {
  if (retry === undefined || attempt > retry.max) return undefined;
  const fullMs = Math.min(
    RETRY_BACKOFF_MAX_MS,
    retry.backoffMs * 2 ** Math.min(BACKOFF_DOUBLINGS_MAX, attempt - 1),
  );
  const delayMs = Math.round(fullMs * (0.5 + random));
  return sinceFirstMs + delayMs > (retry.withinMs ?? Infinity) ? undefined : delayMs;
}
