/**
 * A timer for any time: that of the runtimes fires at once when it is given more than `WAIT_MS_MAX`.
 */
import { WAIT_MS_MAX } from "../../core/limits/process.ts";

/** Calls `action` after `delayMs`; the answer cancels it. */
export function startTimer(
  delayMs: number,
  action: () => void,
  set: (action: () => void, delayMs: number) => () => void = setSystemTimer,
): () => void {
  const stepMs = Math.min(WAIT_MS_MAX, delayMs);
  let cancel = set(() => {
    if (delayMs <= stepMs) action();
    else cancel = startTimer(delayMs - stepMs, action, set);
  }, stepMs);
  return () => cancel();
}

function setSystemTimer(action: () => void, delayMs: number): () => void {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
}
