/** The flows that come with sluice, as other flows use them. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { makeFolder, root, run, runtimes } from "./rig.ts";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

const CSV =
  '\ufeffid,name,note\r\n1,"A ""q"", x","line\nbreak"\r\n2,,\r\n3,b\r\n\r\n4,c\\d,\t\r\n5,e,"open\r\n';
const LOG = ["GET /a?x=1", "POST /b", "GET /a", "GET /c#top"]
  .map((request) => `::1 - - [now] "${request} HTTP/1.1" 200 1`).join("\n");

const FOUR = {
  params: { dir: { type: "path", default: "parts" } },
  actors: {
    csv: { file: "rows.csv" },
    rows: { use: "sluice:csv-to-ndjson", in: "csv", with: { required: "name" } },
    log: { file: "log.txt" },
    paths: { use: "sluice:top", in: "log", with: { what: "paths", n: 2 } },
    words: { use: "sluice:top", in: "csv", with: { n: 1 } },
    numbers: { run: ["seq", "25"] },
    parts: { use: "sluice:split-compress", in: "numbers", with: { prefix: "{param.dir}/n-", lines: 10 } },
    old: { file: "old.txt" },
    tree: { use: "sluice:compare-tree", in: { before: "old" }, with: { dir: "tree" } },
  },
  out: {
    "rows.out": "rows",
    "rejected.out": "rows.rejected",
    "-": ["paths", "words"],
    "parts.out": "parts",
    "tree.out": "tree",
    "list.out": "tree.list",
  },
};

describe.each(runtimes)("flows that come with it on $name", (runtime) => {
  it("csv-to-ndjson, top, split-compress and compare-tree do what they say", async () => {
    const folder = makeFolder({
      "flow.json": FOUR,
      "rows.csv": CSV,
      "log.txt": `${LOG}\n`,
      "old.txt": `${sha("same")}  ./a b\n${sha("old")}  ./sub/c\n${sha("")}  ./gone\n`,
      "tree/a b": "same",
      "tree/sub/c": "new",
      "tree/d": "",
      "parts/n-0007.gz": "of an earlier run",
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "2\t/a\n1\t/b\n1\ta\n", stderr: "" });
    const text = (name: string): string => readFileSync(join(folder, name), "utf8");
    const lines = (name: string): unknown[] => text(name).trim().split("\n").map((line) => JSON.parse(line));
    expect(lines("rows.out")).toEqual([
      { id: "1", name: 'A "q", x', note: "line\nbreak" },
      { id: "4", name: "c\\d", note: "\t" },
    ]);
    expect(lines("rejected.out")).toEqual([
      { line: 4, reason: '"name" is empty', row: "2,," },
      { line: 5, reason: "2 fields, the header has 3", row: "3,b" },
      { line: 8, reason: "a quote is not closed", row: '5,e,"open' },
    ]);
    const parts = ["0000", "0001", "0002"].map((part) => `n-${part}.gz`);
    expect(readdirSync(join(folder, "parts"))).toEqual(parts);
    expect(text("parts.out")).toBe(parts.map((part) => `${join(folder, "parts", part)}\n`).join(""));
    expect(gunzipSync(readFileSync(join(folder, "parts/n-0002.gz"))).toString()).toBe("21\n22\n23\n24\n25\n");
    expect(text("tree.out")).toBe("added ./d\nremoved ./gone\nchanged ./sub/c\n");
    expect(text("list.out")).toBe(`${sha("same")}  ./a b\n${sha("")}  ./d\n${sha("new")}  ./sub/c\n`);
  });

  it("what is given to them badly is told, and what is odd goes through", async () => {
    const csv = (text: string, rest: object = {}): object => ({
      actors: {
        csv: { value: text },
        rows: { use: "sluice:csv-to-ndjson", in: "csv", with: rest },
        wrong: { run: ["cat"], in: "rows.rejected" },
      },
      out: ["rows", "wrong"],
    });
    const top = (n: number): object => ({
      actors: { text: { value: "b a\nb" }, t: { use: "sluice:top", in: "text", with: { n } } },
    });
    const parts = {
      actors: {
        text: { value: "x" },
        p: { use: "sluice:split-compress", in: "text", with: { prefix: "p", lines: 0 } },
      },
    };
    const stray = `a,b\n"open,1\n${"1234567\n".repeat(200_000)}`;
    const tried: readonly (readonly [object, { readonly stdout?: string; readonly told?: string }])[] = [
      [csv(""), { stdout: "" }],
      [csv("", { required: "a" }), { told: 'there is no column "a": there is no first line' }],
      [csv("a,b\n1,2"), { stdout: '{"a":"1","b":"2"}\n' }],
      [csv("a,a\n1,2\n"), { told: 'two columns are called "a"' }],
      [csv('a,b\n"x"y,1\n1\n'), {
        stdout: [
          { line: 2, reason: '"y" stands behind a quoted field', row: '"x"y,1' },
          { line: 3, reason: "1 field, the header has 2", row: "1" },
        ].map((row) => `${JSON.stringify(row)}\n`).join(""),
      }],
      [csv(`a\n"${'""'.repeat(3000)}\n"\n`), {
        stdout: `${JSON.stringify({ a: `${'"'.repeat(3000)}\n` })}\n`,
      }],
      [csv(stray), { told: "line 2: a quote is not closed in 1048576 bytes" }],
      [top(1), { stdout: "2\tb\n" }],
      [top(-1), { told: "n is -1 (expected 0 or more)" }],
      [parts, { told: "lines is 0 (expected 1 or more)" }],
    ];
    for (const [flow, expected] of tried) {
      const { code, stdout, stderr } = await run(runtime, [
        join(makeFolder({ "flow.json": flow }), "flow.json"),
      ]);
      if (expected.told === undefined) expect({ code, stdout }).toEqual({ code: 0, stdout: expected.stdout });
      else expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(expected.told) });
    }
  });

  it("fetch asks again, one after the other, and tells what cannot be had", async () => {
    const asked: string[] = [];
    let open = 0;
    let most = 0;
    const server = createServer(({ url = "", headers }, response) => {
      most = Math.max(most, ++open);
      asked.push(`${url} ${headers["user-agent"]}`);
      const isLate = url === "/late" && asked.filter((each) => each.startsWith("/late")).length < 3;
      response.on("close", () => open--);
      response.writeHead(isLate ? 503 : url === "/none" ? 404 : 200).end(`body of ${url}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      // The port that the server has is the only one that it is asked by.
      const { port } = server.address() as AddressInfo;
      const at = `http://127.0.0.1:${port}`;
      const folder = makeFolder({
        "flow.json": {
          actors: {
            urls: { value: `${at}/one\r\n${at}/late\n${at}/none\n\n${at}/a"b\\c\n` },
            got: { use: "sluice:fetch", in: "urls", with: { dir: "got", pause: 0, agent: "test" } },
            sorted: { run: ["sort"], in: "got" },
          },
          out: { "-": "sorted", "failed.out": "got.failed" },
        },
      });
      const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const got = stdout.trim().split("\n").map((line): { url: string; file: string; tries: number } =>
        JSON.parse(line)
      );
      expect(got.map(({ url, tries }) => [url, tries])).toEqual([[`${at}/a"b\\c`, 1], [`${at}/late`, 3], [
        `${at}/one`,
        1,
      ]]);
      expect(got.map(({ file }) => readFileSync(file, "utf8")).slice(1)).toEqual([
        "body of /late",
        "body of /one",
      ]);
      expect(got.every(({ file }) => file.startsWith(join(folder, "got/")))).toBe(true);
      expect(JSON.parse(readFileSync(join(folder, "failed.out"), "utf8"))).toEqual({
        url: `${at}/none`,
        error: "status 404",
        tries: 1,
      });
      expect({ most, agents: new Set(asked.map((each) => each.split(" ").at(-1))) })
        .toEqual({ most: 1, agents: new Set(["test"]) });
    } finally {
      server.close();
    }
  });
});

it("every flow that comes with it is in the docs and in the package", () => {
  const names = readdirSync(join(root, "flows")).filter((name) => name.endsWith(".json"));
  const docs = readFileSync(join(root, "docs/flows.md"), "utf8");
  expect(names.filter((name) => !docs.includes(`\`sluice:${name.slice(0, -5)}\``))).toEqual([]);
  expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).files).toContain("flows");
  expect(JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).publish.include).toContain("flows");
});
