/** What the actors of a random flow of messages have written down, counted. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TalkCase } from "./talker.ts";

/** Counts by a text. */
export class Counts {
  readonly byKey = new Map<string, number>();

  add(key: string): void {
    this.byKey.set(key, this.get(key) + 1);
  }

  get(key: string): number {
    return this.byKey.get(key) ?? 0;
  }

  get total(): number {
    return [...this.byKey.values()].reduce((sum, count) => sum + count, 0);
  }
}

export class TalkNotes {
  /** `sender receiver item`. */
  readonly sent = new Counts();
  readonly handled = new Counts();
  /** Items that came to the dead letters. */
  readonly letters = new Counts();
  /** Requests, as `actor-process-…`. */
  readonly asked = new Set<string>();
  readonly answered = new Counts();
  /** Items that were written to the streams of actors: `actor item`. */
  readonly out = new Counts();
  /** Processes that have ended as they were told to: `actor-process`. */
  readonly ended = new Set<string>();
  readonly crashes = new Counts();
  /** Records in the order in which an actor has handled them. */
  readonly records = new Map<string, number[]>();
  /** What an actor got that nobody has sent. */
  readonly odd: string[] = [];
  /** Somebody has said that the run is over. */
  isFinished = false;

  constructor({ heads, records }: TalkCase, folder: string) {
    for (const head of heads) for (let n = 0; n < records; n++) this.sent.add(`- ${head} ${n}`);
    for (const file of readdirSync(join(folder, "log")).filter((name) => !name.startsWith("crashed."))) {
      const [actor = "", pid = ""] = file.split(".");
      const lines = readFileSync(join(folder, "log", file), "utf8").split("\n").slice(0, -1);
      for (const line of lines) this.#note(line, { actor, pid });
    }
  }

  #note(line: string, { actor, pid }: { readonly actor: string; readonly pid: string }): void {
    const [word, first = "", second = ""] = line.split(" ");
    switch (word) {
      case "H":
        if (second === "-") this.records.set(actor, [...this.records.get(actor) ?? [], Number(first)]);
        return this.handled.add(`${second.split("/")[0]} ${actor} ${first}`);
      case "S":
        return this.sent.add(`${actor} ${second} ${first}`);
      case "L":
        return first === "?" ? undefined : this.letters.add(first);
      case "Q":
        return void this.asked.add(first);
      case "A":
        return this.answered.add(first);
      case "O":
        return this.out.add(`${actor} ${first}`);
      case "F":
        this.isFinished = true;
        return;
      case "E":
        return first === "end" ? void this.ended.add(`${actor}-${pid}`) : this.crashes.add(actor);
      case "?":
        return void this.odd.push(`${actor}: ${line}`);
    }
  }
}
