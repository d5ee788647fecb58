/** How long is too long, on a machine that others use too. */
import { availableParallelism, loadavg } from "node:os";

/** What takes `ms` at most on a machine of its own may take longer in proportion where more wants to run than can. */
export function withPatience(ms: number): number {
  const [load = 0] = loadavg();
  return ms * Math.max(1, load / availableParallelism());
}
