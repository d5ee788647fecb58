/**
 * Who is given anything by the page's server: whoever was told the token, from a page of this server itself. Another
 * site that a browser is on can send requests here, under another name as well, but can know neither token nor cookie.
 */

export interface GuardSetup {
  /** Names by which this server is called, with the port: `127.0.0.1:4000`. */
  readonly hosts: readonly string[];
  /** Any address of this machine will do: it listens to all of them. */
  readonly isOpen: boolean;
  readonly port: number;
  readonly token: string;
  /** What the cookie holds; nobody can make it of the token. */
  readonly secret: string;
}

export interface GuardedRequest {
  readonly method: string;
  readonly url: URL;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** What a browser says of who asks. */
  readonly site: string | undefined;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

/** `login`: the token is right, and the cookie is to be given. */
export type Verdict =
  | { readonly is: "allowed" }
  | { readonly is: "login" }
  | { readonly is: "refused"; readonly why: string };

/** Cookies do not know ports: each server of a machine has another name. */
export function cookieName({ port }: Pick<GuardSetup, "port">): string {
  return `sluice-${port}`;
}

export function judge(request: GuardedRequest, setup: GuardSetup): Verdict {
  const { url, method, host, origin, site } = request;
  if (!isOwnHost(host, setup)) return refuse("it was asked for by another name than its own");
  if (origin !== undefined && origin !== `http://${host}`) return refuse("another page has asked for it");
  const given = url.searchParams.get("token");
  const isEntry = method === "GET" && url.pathname === "/" && given !== null;
  // A link elsewhere may lead here, but what is asked for by another page is not its business.
  if (!isEntry && site !== undefined && site !== "same-origin" && site !== "none") {
    return refuse("another page has asked for it");
  }
  if (isEntry) {
    return isSame(given, setup.token) ? { is: "login" } : refuse("the token is not that of this run");
  }
  if (
    isSame(bearerIn(request.authorization), setup.token) || isSame(cookieIn(request, setup), setup.secret)
  ) {
    return { is: "allowed" };
  }
  return refuse("open the address that was printed, with its token");
}

function refuse(why: string): Verdict {
  return { is: "refused", why };
}

/** An address is no name that somebody else could let point here. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i;

function isOwnHost(host: string | undefined, { hosts, isOpen, port }: GuardSetup): boolean {
  if (host === undefined) return false;
  return hosts.includes(host.toLowerCase()) || isOpen && ADDRESS.test(host) && host.endsWith(`:${port}`);
}

function bearerIn(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
}

function cookieIn({ cookie = "" }: GuardedRequest, setup: GuardSetup): string | undefined {
  const name = `${cookieName(setup)}=`;
  return cookie.split(/;\s*/).find((pair) => pair.startsWith(name))?.slice(name.length);
}

/** Takes as long for the first letter as for the last. */
function isSame(given: string | undefined, expected: string): boolean {
  if (given?.length !== expected.length) return false;
  let difference = 0;
  for (let at = 0; at < expected.length; at++) difference |= given.charCodeAt(at) ^ expected.charCodeAt(at);
  return difference === 0;
}
