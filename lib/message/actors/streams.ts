/**
 * What message actors write for nobody in particular: records of their stdout streams, one JSON value a line.
 */
import { MESSAGE_TURN_BYTES } from "../../core/limits/message.ts";
import type { ActorProcess } from "./actor_process.ts";
import { Outgoing } from "./outgoing.ts";

export class RecordStream extends Outgoing {
  /** No more comes, or nobody reads it. */
  isEnded = false;
  /** Processes that are not read until there is room. */
  readonly waiting = new Set<ActorProcess>();

  /** Nobody reads it: what waits is for nobody. */
  end(): void {
    this.isEnded = true;
    this.bytes.clear();
  }
}

export class Streams {
  /** By actor: those that somebody reads. */
  readonly byActor = new Map<string, RecordStream>();
  /** Those for which something is to be written. */
  readonly unwritten = new Set<RecordStream>();
  /** Called for each record, whoever reads the stream. */
  onRecord: (actor: string, payload: Uint8Array) => void = () => undefined;
  /** Records that came when their stream was at its end. */
  late = 0;

  /** Puts a record into the stream of the actor that wrote it; it is not read on while there is no room. */
  write(process: ActorProcess, payload: Uint8Array): void {
    this.onRecord(process.cell.actor.name, payload);
    const stream = this.byActor.get(process.cell.actor.name);
    if (stream === undefined) return;
    if (stream.isEnded) {
      this.late += 1;
      return;
    }
    stream.bytes.put(payload);
    stream.bytes.put(LINE_BREAK);
    this.unwritten.add(stream);
    if (stream.bytes.length < MESSAGE_TURN_BYTES) return;
    process.isStreamFull = true;
    stream.waiting.add(process);
  }
}

const LINE_BREAK = new Uint8Array([0x0a]);
