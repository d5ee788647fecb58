/**
 * What the page knows at this moment, as figures.
 */
import type { Figure } from "../telemetry/run_metrics.ts";
import type { PageActor } from "./page_actor.ts";
import type { PageEdge, PageRun } from "./page_run.ts";

type Value = Figure["values"][number];

export function listPageFigures({ run, actors, edges }: PageRun): readonly Figure[] {
  const ofActors = (read: (actor: PageActor) => number | undefined): readonly Value[] =>
    actors.flatMap((actor) => {
      const value = read(actor);
      return value === undefined ? [] : [{ attributes: { "sluice.actor.name": actor.name }, value }];
    });
  const ofEdges = (read: (edge: PageEdge) => number | undefined): readonly Value[] =>
    edges.flatMap((edge) => {
      const value = read(edge);
      const attributes = { "sluice.edge.from": edge.from, "sluice.edge.to": edge.to };
      return value === undefined ? [] : [{ attributes, value }];
    });
  const gauge = (name: string, unit: string, description: string, values: readonly Value[]): Figure => ({
    name,
    unit,
    description,
    kind: "gauge",
    values,
  });
  const states = new Map<string, number>();
  for (const { state } of actors) states.set(state, (states.get(state) ?? 0) + 1);
  return [
    gauge("sluice.run.info", "", "The run that is shown; always 1.", [{
      attributes: {
        "sluice.run.id": run.id,
        "sluice.flow.name": run.flow,
        "sluice.run.state": run.state,
      },
      value: 1,
    }]),
    gauge(
      "sluice.actors.now",
      "{actor}",
      "Actors by their states at this moment.",
      [...states].map(([state, value]) => ({ attributes: { "sluice.actor.state": state }, value })),
    ),
    gauge(
      "sluice.actor.memory",
      "By",
      "Resident memory of an actor's processes.",
      ofActors((a) => a.memoryBytes),
    ),
    gauge(
      "sluice.actor.mailbox",
      "{message}",
      "Messages that wait for an actor.",
      ofActors((a) => a.messages?.queued),
    ),
    {
      ...gauge(
        "sluice.edge.io",
        "By",
        "Bytes that were given to the reader of an edge.",
        ofEdges((e) => e.bytes),
      ),
      kind: "counter",
    },
    gauge(
      "sluice.edge.held",
      "By",
      "Bytes that wait in the engine for the reader of an edge.",
      ofEdges((e) => e.heldBytes),
    ),
    gauge("sluice.edge.capacity", "By", "Bytes that may wait there.", ofEdges((e) => e.capacityBytes)),
  ];
}
