/**
 * What actors say on their standard errors, for whoever follows the run.
 */
import type { StderrHooks } from "../../process/life/stderr_pipes.ts";
import type { RunState } from "../state/run_state.ts";

export function tellStderr(state: RunState): Pick<StderrHooks, "onLines" | "onOpenLine" | "onUnread"> {
  return {
    onLines: ({ name }, lines) => state.tellStderr(name, lines),
    ...state.showsOpenLines ? { onOpenLine: ({ name }, text) => state.tellOpenLine(name, text) } : {},
    // What an actor does is not touched by it: only what it says is not whole.
    onUnread: ({ name: actor }, error) =>
      state.noteFailure({ kind: "edge", actor, port: "stderr", does: "writes", ...error }),
  };
}
