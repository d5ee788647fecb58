/** Who gets something of a page, and what a browser can do to a run. */
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ask, startPage, untilRun } from "./page_rig.ts";
import { makeFolder, runtimes, until } from "./rig.ts";

const ENDLESS = { actors: { a: { sh: "while :; do echo '<script>alert(1)</script>' >&2; done" } } };
const UNTIL_GO = { actors: { a: { sh: "until test -e go; do sleep 0.02; done" } } };

describe.each(runtimes)("the server of the page on $name", (runtime) => {
  test("gives nothing to whoever does not know the token, or comes from elsewhere", async () => {
    const cwd = makeFolder({ "flow.json": UNTIL_GO });
    const page = await startPage(runtime, ["flow.json", "--ui"], { cwd });
    const { port, token } = page;
    const host = `127.0.0.1:${port}`;
    const other = await startPage(runtime, ["flow.json", "--ui"], { cwd });
    const login = async (from: { port: number; token: string }) =>
      String((await ask(from.port, `/?token=${from.token}`)).headers["set-cookie"]);
    const set = await login(page);
    expect(set).toMatch(new RegExp(`^sluice-${port}=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict$`));
    expect(set).not.toContain(token);
    const cookie = set.split(";")[0] ?? "";
    const foreign = (await login(other)).split(";")[0]?.replace(/^sluice-\d+/, `sluice-${port}`) ?? "";
    const status = async (path: string, headers: Record<string, string>, method = "GET") =>
      (await ask(port, path, { headers, method })).status;
    expect(await status("/run.json", { cookie })).toBe(200);
    expect(await status("/run.json", { cookie, origin: `http://${host}` })).toBe(200);
    for (const path of ["/", "/run.json", "/events", "/metrics", "/layout", "/stream?name=a", "/x"]) {
      expect([path, await status(path, {})]).toEqual([path, 403]);
    }
    expect(await status("/?token=wrong", {})).toBe(403);
    expect(await status("/run.json", { cookie: foreign })).toBe(403);
    expect(await status("/run.json", { cookie, host: `evil.example:${port}` })).toBe(403);
    expect(await status("/run.json", { cookie, origin: "http://evil.example" })).toBe(403);
    expect(await status("/run.json", { cookie, "sec-fetch-site": "cross-site" })).toBe(403);
    for (const path of ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/page.html", "/x"]) {
      expect([path, await status(path, { cookie })]).toEqual([path, 404]);
    }
    expect(await status("//evil.example/run.json", { cookie })).toBe(400);
    expect(await status("/run.json", { cookie }, "DELETE")).toBe(405);
    const order = await ask(port, "/control", {
      method: "POST",
      headers: { cookie, "content-type": "application/json" },
      body: '{"actor":"a","does":"stop"}',
    });
    expect([order.status, order.text]).toEqual([403, expect.stringContaining("--ui-control")]);
    const { headers } = await ask(port, "/", { headers: { cookie } });
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src /);
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|https?:/);
    for (const each of [page, other]) each.child.kill("SIGTERM");
    expect([(await page.ended).code, (await other.ended).code]).toEqual([143, 143]);
  });

  test("is not held up by browsers that do not read, nor by many, and its run ends", async () => {
    const cwd = makeFolder({ "flow.json": ENDLESS });
    const page = await startPage(runtime, ["flow.json", "--ui", "--quiet"], { cwd });
    const sockets: Socket[] = [];
    for (let n = 0; n < 50; n++) {
      const socket = connect(page.port, "127.0.0.1");
      socket.on("error", () => undefined); // The server may end it.
      socket.write(
        `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${page.port}\r\nAuthorization: Bearer ${page.token}\r\n\r\n`,
      );
      if (n % 2 === 0) socket.pause();
      else socket.resume();
      sockets.push(socket);
    }
    await until(() => sockets.filter(({ bytesRead }) => bytesRead > 0).length >= 25);
    const before = await untilRun(page, ({ actors }) => (actors[0]?.stderrCount ?? 0) > 1_000);
    expect(before.actors[0]?.stderr).toHaveLength(200);
    expect(before.actors[0]?.stderr[0]).toBe("<script>alert(1)</script>");
    const count = before.actors[0]?.stderrCount ?? 0;
    await untilRun(page, ({ actors }) => (actors[0]?.stderrCount ?? 0) > count + 20_000);
    page.child.kill("SIGTERM");
    expect((await page.ended).code).toBe(143);
    for (const socket of sockets) socket.destroy();
  });

  test("is gone with its engine, and so is the run", async () => {
    const cwd = makeFolder({ "flow.json": UNTIL_GO });
    const page = await startPage(runtime, ["flow.json", "--ui"], { cwd });
    await untilRun(page, ({ actors }) => actors[0]?.state === "running");
    page.child.kill("SIGKILL");
    expect((await page.ended).signal).toBe("SIGKILL");
    await expect(ask(page.port, "/")).rejects.toThrow();
  });
});
