import { startTimer } from "./long_timer.ts";

/** Waits for something, but not for ever; unlike a race it leaves no timer behind. */
export async function waitFor(something: Promise<unknown>, limitMs: number): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<void>((resolve) => cancel = startTimer(limitMs, resolve));
  await Promise.race([something, late]);
  cancel();
}
