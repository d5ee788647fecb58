/**
 * What the colours, signs and lines of the graph mean.
 */
import type { PageRun } from "../page_run.ts";
import type { Tone } from "./facts.ts";
import { CARRIER_TEXTS, SIGNS } from "./facts.ts";

const TONES: readonly (readonly [Tone, string])[] = [
  ["works", "works"],
  ["reads", "waits to read"],
  ["full", "waits to write"],
  ["done", "done"],
  ["failed", "failed"],
  ["idle", "not started"],
];

export function Legend({ run }: { run: PageRun }) {
  const carriers = (["pipe", "descriptor", "relay"] as const).filter((each) =>
    run.edges.some(({ carrier }) => carrier === each)
  );
  return (
    <details class="legend">
      <summary>Legend</summary>
      <ul>
        {TONES.map(([tone, text]) => (
          <li key={tone}>
            <span class={`sign tone-${tone}`} aria-hidden="true">{SIGNS[tone]}</span> {text}
          </li>
        ))}
        {carriers.map((carrier) => (
          <li key={carrier}>
            <span class={`stroke stroke-${carrier}`} aria-hidden="true" /> {CARRIER_TEXTS[carrier]}
          </li>
        ))}
        {run.talks.length > 0 && (
          <li>
            <span class="stroke stroke-message" aria-hidden="true" /> messages
          </li>
        )}
        <li>
          <span class="stroke stroke-full" aria-hidden="true" /> full edge
        </li>
      </ul>
    </details>
  );
}
