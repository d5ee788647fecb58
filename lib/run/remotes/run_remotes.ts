/**
 * The actors of a run that live in other programs: between its messages and its connections.
 */
import type { Plan } from "../../core/plan.ts";
import { STRANGERS } from "../../message/actors/remote_address.ts";
import type { MessageClient } from "../messages/message_client.ts";
import type { MessageReport } from "../messages/message_protocol.ts";
import type { RunState } from "../state/run_state.ts";
import type { RemoteGateway } from "./remote_gateway.ts";

export interface RunRemotesContext {
  readonly state: RunState;
  readonly client: MessageClient;
  readonly gateway: RemoteGateway;
}

export class RunRemotes {
  readonly #context: RunRemotesContext;
  readonly #graceMs: number;
  /** Links that are to end, and until when they may take their time. */
  readonly #deadlines = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #links = new Set<number>();
  #last = 0;

  constructor({ flow }: Plan, context: RunRemotesContext) {
    this.#context = context;
    this.#graceMs = flow.graceMs;
    const { state, client, gateway } = context;
    gateway.attach({
      onNews: (news) => client.say(news),
      onState: (actor, isOnline) => client.say({ type: "remote-state", actor, isOnline }),
      onTold: (actor, text) => state.emit({ type: "actor-log", actor, level: "warn", text, more: null }),
      onLost: (actor, count, cause) => {
        if (actor === STRANGERS) {
          const text = `${count} messages for a program outside may not have arrived: ${cause}`;
          return state.emit({ type: "actor-log", actor, level: "warn", text, more: null });
        }
        const reason = `${count === 1 ? "it" : "they"} may not have arrived: ${cause}`;
        const lost = { code: "LOST", reason, sender: "", receiver: actor, messageType: "", count };
        state.noteFailure({ kind: "message", ...lost });
      },
    });
  }

  /** True when it was about an actor that lives elsewhere, or about its link. */
  hear(report: MessageReport): boolean {
    const { client, gateway, state } = this.#context;
    switch (report.type) {
      case "start":
        if (!gateway.holds(report.actor)) return false;
        // Numbers of processes are not below 0.
        this.#last -= 1;
        this.#links.add(this.#last);
        client.say({ type: "opened-remote", id: this.#last, place: report.place });
        gateway.open(report.actor, this.#last);
        return true;
      case "drain":
        if (!this.#links.has(report.process)) return false;
        this.#deadlines.set(
          report.process,
          setTimeout(() => state.track(this.#end(report.process, { isStopped: true })), this.#graceMs),
        );
        return true;
      case "remote-lines":
        gateway.send(report.link, report.lines);
        return true;
      case "remote-read":
        gateway.noteRead(report.link, report.bytes);
        return true;
      case "remote-end":
        state.track(this.#end(report.link, { isStopped: false }));
        return true;
      default:
        return false;
    }
  }

  async #end(link: number, { isStopped }: { readonly isStopped: boolean }): Promise<void> {
    if (!this.#links.delete(link)) return;
    clearTimeout(this.#deadlines.get(link));
    const { client, gateway } = this.#context;
    await gateway.end(link, isStopped ? { lingerMs: 0 } : {});
    client.say({ type: "ended", process: link, isFailure: false, isStopped });
  }

  /** The run is over. */
  close(): void {
    for (const timer of this.#deadlines.values()) clearTimeout(timer);
    this.#links.clear();
  }
}
