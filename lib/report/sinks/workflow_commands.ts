/**
 * Where GitHub runs a workflow: lines of the run are folded, and failures are annotations. The commands are those of
 * GitHub's documentation ("Workflow commands for GitHub Actions").
 */
import type { RunEvent } from "../../core/event.ts";
import { formatFailure } from "../text/failure_text.ts";

export class WorkflowCommands {
  readonly #write: (text: string) => void;
  readonly #annotations: string[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** To be given every event before others write of it. */
  before(event: RunEvent): void {
    if (event.type === "run-started") this.#write(`::group::sluice ${escapeData(event.flow)}\n`);
    if (event.type === "failure") this.#note(formatFailure(event.failure, { color: false }));
    if (event.type !== "run-ended") return;
    this.#write(["::endgroup::", ...this.#annotations, ""].join("\n"));
  }

  #note(text: string): void {
    if (this.#annotations.length >= ANNOTATIONS_MAX) return;
    this.#annotations.push(`::error title=sluice::${escapeData(text.trimEnd())}`);
  }
}

/** GitHub shows no more of one step. */
const ANNOTATIONS_MAX = 10;

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
