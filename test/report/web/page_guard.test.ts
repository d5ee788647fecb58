import { expect, test } from "vitest";
import type { GuardedRequest } from "../../../lib/report/web/page_guard.ts";
import { judge } from "../../../lib/report/web/page_guard.ts";

const SETUP = {
  hosts: ["127.0.0.1:4000", "localhost:4000"],
  isOpen: false,
  port: 4000,
  token: "t0ken",
  secret: "s3cret",
};
const NOTHING: GuardedRequest = {
  method: "GET",
  url: new URL("http://x/run.json"),
  host: "127.0.0.1:4000",
  origin: undefined,
  site: undefined,
  cookie: undefined,
  authorization: undefined,
};
const RIGHT = { ...NOTHING, cookie: "other=1; sluice-4000=s3cret" };
const entry = (token: string) => ({ ...NOTHING, url: new URL(`http://x/?token=${token}`) });

test.each<[string, string, GuardedRequest]>([
  ["the cookie", "allowed", RIGHT],
  ["the cookie, from its own page", "allowed", {
    ...RIGHT,
    origin: "http://127.0.0.1:4000",
    site: "same-origin",
  }],
  ["the token as a bearer's", "allowed", { ...NOTHING, authorization: "Bearer t0ken" }],
  ["the token in the address", "login", entry("t0ken")],
  ["the token in the address, by a link elsewhere", "login", { ...entry("t0ken"), site: "cross-site" }],
  ["nothing", "refused", NOTHING],
  ["another token", "refused", entry("t0kem")],
  ["a token that begins so", "refused", entry("t0")],
  ["another token with the right cookie", "refused", { ...entry("no"), cookie: RIGHT.cookie }],
  ["the token for another path", "refused", { ...NOTHING, url: new URL("http://x/run.json?token=t0ken") }],
  ["the token by POST", "refused", { ...entry("t0ken"), method: "POST" }],
  ["the cookie of another port", "refused", { ...NOTHING, cookie: "sluice-4001=s3cret" }],
  ["the token as a cookie", "refused", { ...NOTHING, cookie: "sluice-4000=t0ken" }],
  ["a name that somebody has let point here", "refused", { ...RIGHT, host: "evil.example:4000" }],
  ["another port", "refused", { ...RIGHT, host: "127.0.0.1:4001" }],
  ["no name", "refused", { ...RIGHT, host: undefined }],
  ["another page", "refused", { ...RIGHT, origin: "http://evil.example" }],
  ["a page without a name", "refused", { ...RIGHT, origin: "null" }],
  ["a page of another port", "refused", { ...RIGHT, origin: "http://127.0.0.1:5000" }],
  ["another page, as the browser says", "refused", { ...RIGHT, site: "cross-site" }],
  ["a page of another port, as the browser says", "refused", { ...RIGHT, site: "same-site" }],
])("judge(): with %s it is %s", (_, verdict, request) => {
  expect(judge(request, SETUP).is).toBe(verdict);
});

test("judge() takes any address of the machine, and no name, where the server listens to all", () => {
  const setup = { ...SETUP, isOpen: true };
  const hosts = ["192.168.0.7:4000", "[::1]:4000", "localhost:4000", "evil.example:4000", "192.168.0.7:80"];
  expect(hosts.map((host) => judge({ ...RIGHT, host }, setup).is))
    .toEqual(["allowed", "allowed", "allowed", "refused", "refused"]);
});
