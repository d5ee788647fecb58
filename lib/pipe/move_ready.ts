import { PIPE_BYTES } from "../core/limits/streams.ts";
import type { Moved, RelayIo } from "../host/relay_io.ts";
import { NOT_NOW } from "../host/relay_io.ts";

/** A move whose target had room: its source has nothing now. */
export const EMPTY = -3;

/** As `io.move`, but tells an empty source (EMPTY) from a full target. */
export function moveReady(
  io: RelayIo,
  { from, to, isToFile, max = PIPE_BYTES }: {
    readonly from: number;
    readonly to: number;
    readonly isToFile: boolean;
    readonly max?: number;
  },
): Moved {
  let hadRoom = isToFile;
  for (;;) {
    const moved = io.move({ from, to, max });
    if (moved !== NOT_NOW) return moved;
    if (hadRoom) return EMPTY;
    if (!io.hasRoom(to)) return NOT_NOW;
    hadRoom = true;
  }
}
