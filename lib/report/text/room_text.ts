/**
 * What is told when bytes that wait find no more room: what is used up, and what gives more.
 */
import type { FullDisk, OverRoom, Room } from "../../core/failure.ts";
import { unreachable } from "../../core/unreachable.ts";
import { formatBytes } from "./format_bytes.ts";

/** What the system said when it did not take more. */
export interface Refusal {
  readonly errno: string;
  readonly reason: string;
}

/** Why there is no room: what the flow allows is used up, or the disk has refused. */
export type RoomCause = { readonly kind: "limit" } | ({ readonly kind: "disk" } & Refusal);

/** A part of a sentence: `the limits of the flow are used up`. */
export function describeNoRoom(cause: RoomCause, room: Room): string {
  if (cause.kind === "disk") return describeFolder(room, cause);
  return room.isSpillShare
    ? `the room in the temporary folder ${JSON.stringify(room.folder)} is used up`
    : "the limits of the flow are used up";
}

/** Lines: how much may be used, and what can be done about it. */
export function describeRoom(cause: RoomCause, room: Room): readonly string[] {
  if (cause.kind === "disk") return [MORE_ROOM];
  const memory = `limits.memory is ${formatBytes(room.memory)}`;
  if (!room.isSpillShare) return [`${memory}, limits.spill ${formatBytes(room.spill)}`, MORE_SPILL];
  return [
    `${memory}; of the folder ${formatBytes(room.spill)} are used, half of what was free at the start`,
    `${MORE_ROOM}, or ${MORE_SPILL}`,
  ];
}

/** A part of a sentence: `the temporary folder "/tmp" is full (ENOSPC: …)`. */
export function describeFolder({ folder }: Pick<Room, "folder">, refusal: Refusal): string {
  const is = ["ENOSPC", "EDQUOT"].includes(refusal.errno) ? "is full" : "cannot be written";
  return `the temporary folder ${JSON.stringify(folder)} ${is} (${reasonOf(refusal)})`;
}

/** What to do when the temporary folder takes no more. */
export const MORE_ROOM = "make room in it, or set TMPDIR to a folder on a larger disk";

const MORE_SPILL = 'allow more with "limits": {"spill": "…"} in the flow';

/** The system's text; not every runtime puts the error's code into it. */
export function reasonOf({ reason, errno }: Refusal): string {
  return reason.includes(errno) ? reason : `${errno}: ${reason}`;
}

/** A file that is complete only when its stream has ended, and could not be written. */
type Whole = Refusal & { readonly folder: string; readonly over?: OverRoom };

/** A part of a sentence: `it takes 5 GiB, more than limits.spill (4 GiB)`. */
export function describeWhole(whole: Whole): string {
  const { over, folder } = whole;
  if (over === undefined) return describeFolder(whole, whole);
  const most = over.isSpillShare
    ? `half of what was free in the temporary folder ${JSON.stringify(folder)}`
    : "limits.spill";
  return `it takes ${formatBytes(over.usedBytes)}, more than ${most} (${formatBytes(over.limitBytes)})`;
}

/** Lines: what can be done about it. */
export function explainWhole({ over }: Whole): readonly string[] {
  if (over === undefined) return [MORE_ROOM];
  return [
    "it is complete only when its stream ends",
    over.isSpillShare ? `set TMPDIR to a folder on a larger disk, or ${MORE_SPILL}` : MORE_SPILL,
  ];
}

/** A line: which disk is full that an actor writes to by itself, and what to do. */
export function describeFull({ of, path }: FullDisk): string {
  const disk = `the disk of ${JSON.stringify(path)}`;
  switch (of) {
    case "out":
      return `${disk}, which it writes, is full`;
    case "members":
      return `${disk}, where --db keeps what members write, is full (make room in it, or give --db a file on a larger disk)`;
    case "cache":
      return `${disk}, where its output is kept, is full (make room in it, or set SLUICE_CACHE to a folder on a larger disk)`;
    case "temporary":
      return `${disk}, where its output waits, is full (${MORE_ROOM})`;
    default:
      return unreachable(of);
  }
}
