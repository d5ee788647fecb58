import process from "node:process";

/** Milliseconds on a clock that nobody sets. Node loads ten modules for `performance`, which knows no more. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
