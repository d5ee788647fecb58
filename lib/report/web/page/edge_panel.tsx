/**
 * Edges: those of an actor as a table, and all that is known of one.
 */
import { formatBytes } from "../../text/format_bytes.ts";
import { makeOneLine } from "../../text/make_harmless.ts";
import type { PageEdge, PageRun } from "../page_run.ts";
import { Fact } from "./fact.tsx";
import { CARRIER_TEXTS, fillOf, isFull, rateText } from "./facts.ts";
import type { Store } from "./page_state.ts";

const ROWS_MAX = 100;

export interface EdgeTableProps {
  readonly store: Store;
  readonly title: string;
  readonly edges: readonly PageEdge[];
  readonly nameOf: (edge: PageEdge) => string;
}

export function EdgeTable({ store, title, edges, nameOf }: EdgeTableProps) {
  if (edges.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <span class="soft">{edges.length === 1 ? "one edge" : `${edges.length} edges`}</span>
      </h3>
      <table>
        <thead class="aside">
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">Fill</th>
            <th scope="col">Rate or bytes</th>
          </tr>
        </thead>
        <tbody>
          {edges.slice(0, ROWS_MAX).map((edge) => (
            <tr key={edge.id}>
              <th scope="row">
                <button
                  type="button"
                  class="link"
                  title={`${CARRIER_TEXTS[edge.carrier]}: ${edge.reason}`}
                  onClick={() => store.select({ kind: "edge", id: edge.id })}
                >
                  {makeOneLine(nameOf(edge))}
                </button>
              </th>
              <td>
                <Fill edge={edge} />
              </td>
              <td>{passedText(edge)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {edges.length > ROWS_MAX && <p class="soft">{edges.length - ROWS_MAX} more</p>}
    </section>
  );
}

function Fill({ edge }: { edge: PageEdge }) {
  const fill = edge.state === "open" ? fillOf(edge) : undefined;
  if (fill === undefined) return <span class="soft">{edge.state === "open" ? "" : edge.state}</span>;
  const text = isFull(edge) ? "full" : `${Math.round(fill * 100)} %`;
  return (
    <meter
      class={isFull(edge) ? "full" : undefined}
      min={0}
      max={1}
      value={fill}
      aria-label={`Fill: ${text}`}
    >
      {text}
    </meter>
  );
}

function passedText({ rate, bytes, state }: PageEdge): string {
  if (state === "open" && rate !== undefined && rate > 0) return rateText(rate);
  return bytes === undefined ? "" : formatBytes(bytes);
}

export function EdgePanel({ store, run, id }: { store: Store; run: PageRun; id: number }) {
  const edge = run.edges.find((each) => each.id === id);
  if (edge === undefined) return <p class="empty">The edge is not there.</p>;
  const { heldBytes, capacityBytes, toActor } = edge;
  const growths = run.growths.filter((each) => each.edge === id);
  return (
    <>
      {isFull(edge) && run.run.endedAt === undefined && (
        <p class="state tone-failed">full: its writer waits</p>
      )}
      <p class="links">
        <button type="button" onClick={() => store.select({ kind: "actor", name: edge.fromActor })}>
          {makeOneLine(edge.fromActor)}
        </button>{" "}
        → {toActor === undefined
          ? makeOneLine(edge.to)
          : (
            <button type="button" onClick={() => store.select({ kind: "actor", name: toActor })}>
              {makeOneLine(toActor)}
            </button>
          )}
      </p>
      <dl class="facts">
        <Fact name="Carried" value={CARRIER_TEXTS[edge.carrier]} />
        <Fact name="Because" value={edge.reason} />
        <Fact name="On a cycle" value={edge.isOnCycle ? "yes: it could take part in a deadlock" : "no"} />
        <Fact name="State" value={edge.state} />
        <Fact
          name="Passed"
          value={edge.bytes === undefined ? "not seen by the engine" : formatBytes(edge.bytes)}
        />
        <Fact name="Rate" value={edge.rate === undefined ? undefined : rateText(edge.rate)} />
        <Fact
          name="Holds"
          value={heldBytes === undefined
            ? undefined
            : `${formatBytes(heldBytes)}${
              capacityBytes === undefined ? "" : ` of ${formatBytes(capacityBytes)}`
            }${edge.isSpilled === true ? ", some of it on disk" : ""}`}
        />
        <Fact name="Waits" value={edge.waits === undefined ? undefined : WAITS[edge.waits]} />
        <Fact name="Has grown" value={growths.length === 0 ? undefined : `${growths.length} times`} />
      </dl>
    </>
  );
}

const WAITS = {
  reader: "its reader: it is empty",
  writer: "its writer: it is full",
  both: "both ends",
} as const;
