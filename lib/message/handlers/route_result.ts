/**
 * What a handler has made of a message, and where that goes: all of it or none.
 */
import { type Checked, checkEnvelope, isObject } from "./route_rules.ts";
import { type HopOptions, nextHop, type Route } from "./route.ts";

/** A message as it was given to a handler: the engine's own copy. */
export interface Handled {
  readonly message_type: string;
  readonly message_id: string;
  readonly parent_id?: string;
  readonly route: Route;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly message: unknown;
}

/** One of the messages in a handler's answer; what is absent is as it was. */
export interface HandlerOutput {
  readonly message: unknown;
  readonly route?: unknown;
  readonly headers?: unknown;
  readonly message_type?: string;
}

/** A handler's answer to one message. */
export type HandlerAnswer =
  | { readonly result: string; readonly messages: readonly HandlerOutput[] }
  | { readonly result: string; readonly error: HandlerError };

/** Why a handler has no result. */
export interface HandlerError {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/** A message and the next place of its route. */
export interface Routed {
  readonly to: { readonly actor: string } | "end";
  readonly envelope: Handled;
}

/** What is done after a handler: messages to send on, or an error in place of all of them. */
export type RouteResult =
  | { readonly ok: true; readonly messages: readonly Routed[] }
  | { readonly ok: false; readonly error: HandlerError };

/** Reads a handler's answer as it stands on its line. */
export function readAnswer(value: unknown): Checked<HandlerAnswer> {
  if (!isObject(value) || typeof value["result"] !== "string") {
    return { ok: false, message: "Answer has no 'result' with the id of a message" };
  }
  const { result, error, messages } = value;
  if (isObject(error)) {
    return { ok: true, value: { result, error: readError(error) } };
  }
  if (!Array.isArray(messages) || !messages.every((each) => isObject(each) && "message" in each)) {
    return { ok: false, message: "Answer has no 'messages', a list of objects that each have a 'message'" };
  }
  // Each is an object with a `message`; its other keys are checked when it is routed.
  return { ok: true, value: { result, messages: messages as readonly HandlerOutput[] } };
}

/**
 * Routes the results of a handler: the first keeps the message's id, the others get it with a number and name it as
 * their parent. With none, the message itself is at its end. One wrong result, and none is routed.
 */
export function routeResults(
  handled: Handled,
  { outputs, ...options }: HopOptions & { readonly outputs: readonly HandlerOutput[] },
): RouteResult {
  if (outputs.length === 0) return { ok: true, messages: [{ to: "end", envelope: handled }] };
  const messages: Routed[] = [];
  for (const [at, output] of outputs.entries()) {
    const routed = routeOne(handled, { output, at, ...options });
    if (!routed.ok) {
      const message = `Invalid output envelope[${at}/${outputs.length}]: ${routed.message}`;
      return { ok: false, error: { code: "processing_error", message } };
    }
    messages.push(routed.value);
  }
  return { ok: true, messages };
}

/** The message that tells of a failure: with the route it had and the payload that went in. */
export function errorMessage(handled: Handled, error: HandlerError): Handled {
  const { code, message, details } = error;
  return {
    ...handled,
    message: {
      error: code,
      details: { message, ...(isObject(details) ? details : details !== undefined && { more: details }) },
      original_payload: handled.message,
    },
  };
}

function routeOne(
  handled: Handled,
  { output, at, ...options }: HopOptions & { readonly output: HandlerOutput; readonly at: number },
): Checked<Routed> {
  const { message, headers = handled.headers, route = handled.route } = output;
  const checked = checkEnvelope({ payload: message, route, headers }, {
    input: handled.route,
    checks: options.checks,
  });
  if (!checked.ok) return checked;
  const { hops } = handled.route;
  const next = { ...checked.value.route, ...(hops !== undefined && { hops }) };
  // A handler that says nothing of the route has not moved on in it either.
  const hop = nextHop(next, output.route === undefined ? { ...options, checks: "strict" } : options);
  if (hop.to === "nowhere") return { ok: false, message: hop.reason };
  const type = output.message_type;
  if (type !== undefined && typeof type !== "string") {
    return { ok: false, message: "Field 'message_type' must be a string" };
  }
  const envelope: Handled = {
    message_type: type ?? handled.message_type,
    ...idsOf(handled, at),
    route: hop.route,
    ...(checked.value.headers !== undefined && { headers: checked.value.headers }),
    message,
  };
  return { ok: true, value: { to: hop.to === "end" ? "end" : { actor: hop.actor }, envelope } };
}

function idsOf({ message_id, parent_id }: Handled, at: number): Pick<Handled, "message_id" | "parent_id"> {
  if (at > 0) return { message_id: `${message_id}-${at}`, parent_id: message_id };
  return { message_id, ...(parent_id !== undefined && { parent_id }) };
}

function readError(error: Readonly<Record<string, unknown>>): HandlerError {
  const { code, message, details } = error;
  return {
    code: typeof code === "string" ? code : "processing_error",
    message: typeof message === "string" ? message : "",
    ...(details !== undefined && { details }),
  };
}
