/** Ends a switch over all members of a union: the compiler complains when a member is not handled. */
export function unreachable(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
