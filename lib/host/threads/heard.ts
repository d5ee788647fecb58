/**
 * How much one thread has heard of what another one has told it: who tells waits while too much of it is unheard, so
 * that what lies between them has a bound.
 */

/** Shared by both threads; counts what was heard. */
export type Heard = Int32Array<SharedArrayBuffer>;

export function makeHeard(): Heard {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** So many more were heard. */
export function noteHeard(heard: Heard, count: number): void {
  Atomics.add(heard, 0, count);
  Atomics.notify(heard, 0);
}

/** Waits until at most `unheardMax` of all that was `told` are unheard. Not for a main thread, which may not wait. */
export function waitUntilHeard(
  heard: Heard,
  { told, unheardMax }: { readonly told: number; readonly unheardMax: number },
): void {
  for (;;) {
    const count = Atomics.load(heard, 0);
    // The counter goes round.
    if (((told - count) | 0) <= unheardMax) return;
    Atomics.wait(heard, 0, count, WAIT_MS);
  }
}

/** In case nobody notifies: it is looked again. */
const WAIT_MS = 100;
