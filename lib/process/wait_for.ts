/** Waits for something, but not for ever; unlike a race it leaves no timer behind. */
export async function waitFor(something: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, limitMs));
  await Promise.race([something, late]);
  clearTimeout(timer);
}
