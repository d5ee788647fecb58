/**
 * The names of this machine are one.
 */
import { type Endpoint, formatEndpoint, readEndpoint } from "../../core/endpoint.ts";

/** The endpoint as text, alike for all that mean the same by their words. */
export function sameEndpoint(endpoint: Endpoint): string {
  const isHere = endpoint.kind === "tcp" && ["127.0.0.1", "::1"].includes(endpoint.host);
  return formatEndpoint(isHere ? { ...endpoint, host: "localhost" } : endpoint);
}

/** The same of a text that was checked. */
export function sameText(text: string): string {
  const endpoint = readEndpoint(text, "listen");
  return typeof endpoint === "string" ? text : sameEndpoint(endpoint);
}
