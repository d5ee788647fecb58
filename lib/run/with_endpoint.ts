/**
 * A flow that listens where its caller says, and not where it says itself.
 */
import { formatEndpoint, readEndpoint } from "../core/endpoint.ts";
import type { Flow } from "../core/flow.ts";
import { toFlowError } from "./plan_here.ts";
import { sameText } from "./remotes/same_endpoint.ts";

/** Throws a FlowError for what is no endpoint, and for a flow that cannot listen there. */
export function withEndpoint(flow: Flow, text: string): Flow {
  const read = readEndpoint(text, "listen");
  const problem = typeof read === "string" ? `${read} (expected ${EXPECTED})` : findProblem(flow, text);
  if (typeof read !== "string" && problem === undefined) {
    return { ...flow, endpoint: { listen: formatEndpoint(read) } };
  }
  throw toFlowError([{
    path: [],
    at: "outside",
    message: `Cannot listen at ${JSON.stringify(text)}: ${problem}`,
  }]);
}

const EXPECTED = 'an endpoint such as "tcp://127.0.0.1:5001" or "ipc:///run/flow.sock"';

function findProblem({ actors }: Flow, text: string): string | undefined {
  const all = [...actors.values()];
  const same = all.find(({ source }) =>
    source.kind === "remote" && sameText(source.place.endpoint) === sameText(text)
  );
  if (same !== undefined) return `actor "${same.name}" lives there (expected another endpoint)`;
  if (all.some(({ messaging }) => messaging !== undefined)) return undefined;
  return 'no actor of the flow talks in messages (expected one with "protocol": "messages")';
}
