/** Runs as the page shows them, made up for tests. */
import type { PageActor } from "../../../lib/report/web/page_actor.ts";
import type { PagePiece, PageRun } from "../../../lib/report/web/page_run.ts";

export const START = 1_700_000_000_000;

export function pageActor(name: string, more: Partial<PageActor> = {}): PageActor {
  return {
    name,
    kind: "run",
    frames: [],
    command: "cat",
    state: "running",
    startedAt: START,
    stderr: [],
    stderrCount: 0,
    ...more,
  };
}

export function pageRun(more: Partial<PageRun> = {}): PageRun {
  return {
    version: 1,
    use: "live",
    run: {
      id: "r",
      flow: "made up",
      state: "running",
      startedAt: START,
      at: START + 10_000,
      engine: "sluice",
    },
    mayControl: false,
    actors: [],
    groups: [],
    frames: [],
    edges: [],
    talks: [],
    outputs: [],
    failures: [],
    growths: [],
    undelivered: [],
    rings: [],
    pieces: [],
    messages: [],
    streams: [],
    more: { actors: 0, edges: 0, messages: 0, pieces: 0, failures: 0 },
    ...more,
  };
}

/** `a reads b 0-9`: `a` waits to read from `b`, from the first to the last of these seconds; `0-` goes on. */
export function pieces(...lines: readonly string[]): readonly PagePiece[] {
  return lines.map((line, id) => {
    const [actor = "", does, waitsFor = "", time = ""] = line.split(" ");
    const [from = "", to = ""] = time.split("-");
    return {
      id,
      actor,
      does: does === "writes" ? "write" : "read",
      waitsFor,
      from: START + Number(from) * 1_000,
      ...to === "" ? {} : { to: START + Number(to) * 1_000 },
    };
  });
}
