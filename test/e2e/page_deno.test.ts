/** The page on Deno: with the permissions that the documents name and no more, and from where nothing is a file. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ask } from "./page_rig.ts";
import { makeFolder, root, runtimes, startCommand, until } from "./rig.ts";

const [deno = ""] = runtimes.find(({ name }) => name === "deno")?.command ?? [];
const LEAST = ["read", "write", "env", "run", "ffi"].map((name) => `--allow-${name}`);

function begin(
  cwd: string,
  { permissions, args }: { permissions: readonly string[]; args: readonly string[] },
) {
  const command = [
    deno,
    "run",
    "--no-prompt",
    ...LEAST,
    ...permissions,
    join(root, "mod.ts"),
    "flow.json",
    ...args,
  ];
  return startCommand(command, { cwd });
}

const flow = { actors: { a: { sh: "until test -e go; do sleep 0.05; done" } } };

describe("with Deno's least permissions", () => {
  test("a report is written", async () => {
    const cwd = makeFolder({ "flow.json": flow, go: "" });
    const { code, stderr } = await begin(cwd, { permissions: [], args: ["--report", "run.html"] }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readFileSync(join(cwd, "run.html"), "utf8")).toContain('"use":"report"');
  });

  test("the page is refused before anything is started", async () => {
    const cwd = makeFolder({ "flow.json": { actors: { a: { run: ["touch", "started"] } } } });
    const { code, stderr } = await begin(cwd, { permissions: [], args: ["--ui"] }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain("Deno does not allow this program to listen (expected deno run --allow-net");
    expect(existsSync(join(cwd, "started"))).toBe(false);
  });

  test.each(["--allow-net", "--allow-net=127.0.0.1"])("and %s it is served", async (permission) => {
    const cwd = makeFolder({ "flow.json": flow });
    const started = begin(cwd, { permissions: [permission], args: ["--ui"] });
    const address = /page: http:\/\/127\.0\.0\.1:(\d+)\/\?token=([0-9a-f]{64})\n/;
    await until(() => address.test(started.stderr()), () => started.stderr());
    const [, port = "", token = ""] = address.exec(started.stderr()) ?? [];
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask(Number(port), "/", { headers })).status).toBe(200);
    started.child.kill("SIGINT");
    expect((await started.ended).code).toBe(130);
  });
});

test("the page is there where the program comes from a registry, and is no file", async () => {
  const server = createServer((request, response) => {
    const type = request.url?.endsWith(".ts") === true ? "application/typescript" : "text/html";
    response.writeHead(200, { "content-type": type }).end(readFileSync(join(root, request.url ?? "")));
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cwd = makeFolder({
    "shown.ts":
      `import { readPage } from "http://${host}/lib/report/web/page_html.ts";\nconsole.log(await readPage());\n`,
  });
  const command = [deno, "run", "--no-lock", "--quiet", `--allow-import=${host}`, "shown.ts"];
  const { code, stdout, stderr } = await startCommand(command, { cwd, env: { DENO_DIR: join(cwd, "deno") } })
    .ended;
  server.close();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(`${readFileSync(join(root, "lib/report/web/page.html"), "utf8")}\n`);
});
