/**
 * The keys of actors that live in other programs, and where those find the flow.
 */
import * as v from "valibot";
import { filledText, optional, union } from "./schema_parts.ts";

export const ENDPOINT_EXPECTED = "tcp://HOST:PORT, such as tcp://127.0.0.1:5001, or ipc://PATH";

const ENDPOINT =
  `${ENDPOINT_EXPECTED}, or an object such as {"listen": "tcp://*:5001", "advertise": "tcp://my-host:5001"}`;

/** The keys of an actor that lives elsewhere. */
export const REMOTE_ENTRIES = {
  remote: optional(
    filledText(ENDPOINT_EXPECTED),
    "An actor that lives in another program, which is reached there and speaks JSON over ZeroMQ: tcp://HOST:PORT or ipc://PATH. {param.NAME} is replaced. See docs/remote.md.",
  ),
  actor: optional(
    filledText("the name of an actor"),
    "What an actor that lives elsewhere is called there; its name here by default.",
  ),
} as const;

/** Where the flow is reached. */
export const EndpointSchema = union([
  filledText(ENDPOINT),
  v.strictObject({
    listen: v.pipe(
      filledText(ENDPOINT_EXPECTED),
      v.description(`Where the flow listens: ${ENDPOINT_EXPECTED}.`),
    ),
    advertise: optional(filledText(ENDPOINT_EXPECTED), "What other programs are told where that is."),
  }, ENDPOINT),
], ENDPOINT);
