/**
 * Part of the check of an actor: one that lives in another program. And where those find the flow.
 */
import { type EndpointUse, formatEndpoint, readEndpoint } from "../../core/endpoint.ts";
import type { ActorSource } from "../../core/flow.ts";
import type { JsonPath } from "../../core/issue.ts";
import type { FlowEndpoint, RemotePlace } from "../../core/remote.ts";
import { quote } from "../schema/names.ts";
import { ENDPOINT_EXPECTED } from "../schema/remote_schema.ts";
import type { ActorSite } from "./actor_site.ts";
import { fillParams } from "./check_params.ts";
import type { FlowShape } from "./check_shape.ts";
import type { EndpointSite } from "./rooms.ts";

/** Message keys of which the other program decides. */
const OWN_KEYS = ["supervisor", "restart", "prefetch", "delivery", "publish", "args"] as const;

/** Where an actor lives; undefined when that is reported to be wrong. */
export function checkRemote(remote: string, site: ActorSite): ActorSource | undefined {
  const { name, shape: { keys }, check } = site;
  for (const key of OWN_KEYS) {
    if (keys[key] === undefined) continue;
    const message = `Cannot use "${key}" on actor ${
      quote(name)
    }: it lives in another program, which decides that`;
    check.report({ path: ["actors", name, key], message, at: "key" });
  }
  const place = readPlace(remote, site);
  if (typeof place !== "string") return place && { kind: "remote", place };
  const message = `Cannot reach actor ${quote(name)} at ${
    quote(remote)
  }: ${place} (expected ${ENDPOINT_EXPECTED})`;
  check.report({ path: ["actors", name, "remote"], message });
  return undefined;
}

/** The same for the message side, where mistakes have been told already. */
export function remoteOf(site: ActorSite): RemotePlace | undefined {
  const { name, shape: { keys }, check } = site;
  if (keys.remote === undefined && keys.actor !== undefined) {
    const message = `Cannot use "actor" on actor ${
      quote(name)
    }: it says what somebody is called who lives elsewhere (expected "remote" beside it)`;
    check.report({ path: ["actors", name, "actor"], message, at: "key" });
  }
  const silent = { ...site, check: { ...check, report: () => undefined } };
  const place = keys.remote === undefined ? undefined : readPlace(keys.remote, silent);
  return typeof place === "string" ? undefined : place;
}

/** A text says what is wrong; undefined when that is reported. */
function readPlace(remote: string, site: ActorSite): RemotePlace | string | undefined {
  const { name, shape: { keys } } = site;
  const filled = fillParams(remote, { path: ["actors", name, "remote"], ...site });
  const actor = fillParams(keys.actor ?? name, { path: ["actors", name, "actor"], ...site });
  if (filled === undefined || actor === undefined) return undefined;
  const endpoint = readEndpoint(filled, "connect");
  return typeof endpoint === "string" ? endpoint : { endpoint: formatEndpoint(endpoint), actor };
}

/** Where the flow is reached; undefined when it is not, or that is reported to be wrong. */
export function checkEndpoint(
  { top: { keys: { endpoint } } }: FlowShape,
  { drafts, params, check }: EndpointSite,
): FlowEndpoint | undefined {
  if (endpoint === undefined) return undefined;
  const isText = typeof endpoint === "string";
  const { listen, advertise } = isText ? { listen: endpoint } : endpoint;
  const read = (text: string, path: JsonPath, use: EndpointUse): string | undefined => {
    const filled = fillParams(text, { path, params, check });
    if (filled === undefined) return undefined;
    const found = readEndpoint(filled, use);
    if (typeof found !== "string") return formatEndpoint(found);
    const does = use === "listen" ? "listen at" : "be reached at";
    check.report({
      path,
      message: `Cannot ${does} ${quote(filled)}: ${found} (expected ${ENDPOINT_EXPECTED})`,
    });
    return undefined;
  };
  const place = read(listen, isText ? ["endpoint"] : ["endpoint", "listen"], "listen");
  const known = advertise === undefined ? undefined : read(advertise, ["endpoint", "advertise"], "connect");
  const remotes = [...drafts.values()].flatMap(({ name, messaging }) =>
    typeof messaging?.remote === "object" && [place, known].includes(messaging.remote.endpoint) ? [name] : []
  );
  for (const name of remotes) {
    const message = `Cannot reach actor ${
      quote(name)
    }: it lives where the flow itself listens (expected another endpoint)`;
    check.report({ path: ["actors", name, "remote"], message });
  }
  if (![...drafts.values()].some(({ messaging }) => messaging !== undefined)) {
    const message = 'Cannot listen: no actor talks in messages (expected one with "protocol": "messages")';
    check.report({ path: ["endpoint"], message, at: "key" });
  }
  return place === undefined
    ? undefined
    : { listen: place, ...(known === undefined ? {} : { advertise: known }) };
}
