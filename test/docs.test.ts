/** What the documentation shows is what the program does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ALL_ROOMS } from "../lib/flow/check/all_rooms.ts";
import { checkFlow } from "../lib/flow/check/check_flow.ts";
import { parseFlowText } from "../lib/flow/read/flow_text.ts";
import { VERSION } from "../lib/cli/line/version.ts";
import { root, runtimes, startCommand } from "./e2e/rig.ts";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"), { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".md")).map((name) => join("docs", name)),
];
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/```(jsonc|ts)\n(.*?)```/gs)].map((found, at) => ({
    name: `${page}, ${at + 1}`,
    kind: found[1] ?? "",
    text: found[2] ?? "",
  }))
);

test.each(blocks.filter(({ kind }) => kind === "jsonc"))("the flow in $name is valid", ({ text }) => {
  const parsed = parseFlowText(text);
  if (!parsed.ok) expect.fail(JSON.stringify(parsed.issues));
  const checked = checkFlow(parsed.text.value, { folder: root, rooms: ALL_ROOMS });
  // What is given on the command line is not there.
  const isToBeGiven = /it has no value \(set|nothing is connected to it \(give it with --in/;
  expect(checked.ok ? [] : checked.issues.filter(({ message }) => !isToBeGiven.test(message))).toEqual([]);
});

/** What an installed user imports, and what it is here. */
const SOURCES: Readonly<Record<string, string>> = {
  sluice: "mod.ts",
  "sluice/actor": "actors/typescript/sluice_actor.ts",
};

test.each(blocks.filter(({ kind }) => kind === "ts"))(
  "the program in $name prints what its comments say",
  async ({ text }) => {
    const [node] = runtimes;
    const program = text.replaceAll(/ from "(sluice(?:\/\w+)?)"/g, (_, name: string) => {
      const source = SOURCES[name] ?? expect.fail(`nothing is installed as "${name}"`);
      return ` from ${JSON.stringify(join(root, source))}`;
    });
    expect(program, "imports are what an installed user writes").not.toMatch(/ from "\.\.?\//);
    const { code, stdout, stderr } = await startCommand([
      node.command[0],
      "--input-type=module-typescript",
      "-e",
      program,
    ]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const told = [...text.matchAll(/^console\.log\(.*; \/\/ (.*)$/gm)].map((found) =>
      (found[1] ?? "").replaceAll('"', "'")
    );
    expect(stdout.trim().split("\n").map((line) => line.trim()).filter((line) => line !== "")).toEqual(told);
  },
);

test("what the pages link to, and the files of lib and test that they name, are there", () => {
  const missing = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = ""]) =>
      join(dirname(page), to)
    );
    const files = [...text.matchAll(/`((?:lib|test|bench|actors)\/[\w/]+\.\w+)`/g)].map(([, file = ""]) =>
      file
    );
    return [...links, ...files].filter((to) => !existsSync(join(root, to))).map((to) => `${page}: ${to}`);
  });
  expect(missing).toEqual([]);
});

test("the program's version is the package's, on npm and JSR", () => {
  for (const file of ["package.json", "deno.json"]) {
    expect(JSON.parse(readFileSync(join(root, file), "utf8")).version).toBe(VERSION);
  }
});

test("each promise names a test that is there", () => {
  const page = readFileSync(join(root, "docs/guarantees.md"), "utf8");
  const rows = [...page.matchAll(/^\| .* \| `(test\/\S+\.test\.ts)`: (.*?) *\|$/gm)];
  expect(rows.length).toBeGreaterThan(20);
  const missing = rows.filter(([, file = "", name = ""]) =>
    !existsSync(join(root, file)) || !readFileSync(join(root, file), "utf8").includes(name)
  );
  expect(missing.map(([row]) => row)).toEqual([]);
});
