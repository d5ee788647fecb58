import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";

/** A move whose target had room: its source has nothing now. */
export const EMPTY = -3;

/**
 * Does what moves bytes to a target, and tells an empty source (EMPTY) from a full target (NOT_NOW). The system does
 * not tell them apart; so it is asked for room, and if there is some, once more for bytes.
 */
export function moveReady(
  io: Pick<DescriptorIo, "hasRoom">,
  { to, isToFile }: { readonly to: number; readonly isToFile: boolean },
  move: () => Moved,
): Moved {
  let hadRoom = isToFile;
  for (;;) {
    const moved = move();
    if (moved !== NOT_NOW) return moved;
    if (hadRoom) return EMPTY;
    if (!io.hasRoom(to)) return NOT_NOW;
    hadRoom = true;
  }
}
