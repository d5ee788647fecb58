/**
 * Addresses of actors of other programs: `name@tcp://host:port`. Who is declared in the flow has his name there instead.
 */

/** The actor that stands for whoever sends messages from outside and is no actor of the flow. */
export const STRANGERS = "$remote";

/** Who gave no name, or no endpoint: no answer reaches him. */
export const NAMELESS = "@";

/** True for addresses that only `STRANGERS` can reach. */
export function isOutside(receiver: string): boolean {
  const at = receiver.indexOf("@");
  const slash = receiver.indexOf("/");
  return at >= 0 && (slash < 0 || at < slash);
}

/** The endpoint in an address. */
export function endpointIn(address: string): string {
  return address.slice(address.indexOf("@") + 1);
}
