/**
 * Connects to an endpoint.
 */
import { createConnection, type Socket } from "node:net";
import type { Endpoint } from "../core/endpoint.ts";

/** The socket tells by `connect` or `error`. */
export function connectTo(endpoint: Endpoint): Socket {
  return endpoint.kind === "ipc"
    ? createConnection({ path: endpoint.path })
    : createConnection({ host: endpoint.host, port: endpoint.port });
}
