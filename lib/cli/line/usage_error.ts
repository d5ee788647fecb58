/** A mistake on the command line; its message is printed as it is, and the program ends with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
