/** The file cannot be used as a database of runs; the message says why and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
