/** What is told of an actor that was killed for a limit. */
import type { ReachedLimit } from "../../core/failure.ts";
import { unreachable } from "../../core/unreachable.ts";
import { formatBytes } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";

/** A part of a sentence: `over its memory limit of 60 MiB (it held 62 MiB)`. */
export function describeLimit(reached: ReachedLimit): string {
  switch (reached.limit) {
    case "memory":
      return `over its memory limit of ${formatBytes(reached.limitBytes)} (it held ${
        formatBytes(reached.usedBytes)
      })`;
    case "cpu":
      return `over its cpu limit of ${formatDuration(reached.limitMs)}`;
    case "output":
      return `its output takes ${formatBytes(reached.usedBytes)}, more than ${
        reached.isSpillShare
          ? `half of what was free in the cache's folder "${reached.folder}"`
          : "limits.spill"
      } (${formatBytes(reached.limitBytes)})`;
    default:
      return unreachable(reached);
  }
}

/** Lines: why it is limited, and what can be done about it, where a flow does not say so itself. */
export function explainLimit(reached: ReachedLimit): readonly string[] {
  if (reached.limit !== "output") return [];
  const disk = reached.isSpillShare ? "set SLUICE_CACHE to a folder on a larger disk, or " : "";
  return [
    'it is kept until the actor has ended, because it has "cache", and is given on then',
    `${disk}allow more with "limits": {"spill": "…"} in the flow`,
  ];
}
