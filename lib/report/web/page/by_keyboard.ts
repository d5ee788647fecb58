/**
 * How something came to be focused.
 */

/**
 * A row is brought into sight when a list is focused by keyboard. Under a mouse nothing may move: it would miss what it is
 * about to choose.
 */
export function isByKeyboard({ currentTarget }: { readonly currentTarget: Element }): boolean {
  return currentTarget.matches(":focus-visible");
}
