/**
 * Links that the system does not carry on: a failure of the actor whose link it is, and of nobody else. A process
 * without its link is ended; its supervisor decides what becomes of it.
 */
import { describeSystemError } from "../../host/system_error.ts";
import { ActorProcess } from "../actors/actor_process.ts";
import { Feed } from "../actors/feed.ts";
import { placeOf } from "../actors/process_of.ts";
import type { MessageReport } from "../mail/message_report.ts";
import type { RecordStream, Streams } from "../actors/streams.ts";

/** What has a link. */
export type Linked = ActorProcess | Feed | RecordStream;

/** What an actor does over its link: reads its standard input, or writes its standard output. */
export type Carried = "reads" | "writes";

export class LinkFailures {
  readonly #tell: (report: MessageReport) => void;
  readonly #streams: Streams;
  readonly #cut = new WeakSet<ActorProcess>();

  constructor({ tell, streams }: {
    readonly tell: (report: MessageReport) => void;
    readonly streams: Streams;
  }) {
    this.#tell = tell;
    this.#streams = streams;
  }

  /** An error that is none of the system's is thrown on. */
  note(end: Linked, { does, error }: { readonly does: Carried; readonly error: unknown }): void {
    const described = describeSystemError(error);
    if (!(end instanceof ActorProcess)) {
      this.#tell({ type: "cut", actor: this.#nameOf(end), does, ...described });
      return;
    }
    if (this.#cut.has(end)) return;
    this.#cut.add(end);
    const { cell, id: process } = end;
    const place = placeOf(end);
    const whose = place === undefined ? {} : { process, place: place.id };
    this.#tell({ type: "cut", actor: cell.actor.name, ...whose, does, ...described });
  }

  /** True when a process is without its link, or a half of it. */
  isCut(process: ActorProcess): boolean {
    return this.#cut.has(process);
  }

  #nameOf(end: Feed | RecordStream): string {
    if (end instanceof Feed) return end.actor.name;
    return [...this.#streams.byActor].find(([, stream]) => stream === end)?.[0] ?? "";
  }
}
