/** The Python SDK's own tests, and what the documentation shows of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, startCommand } from "../e2e/rig.ts";

const programs = ["sdk.md", "python.md"].flatMap((page) =>
  [...readFileSync(join(root, "docs", page), "utf8").matchAll(/```python\n(.*?)```/gs)].map((found, at) => ({
    page,
    at: at + 1,
    program: found[1] ?? "",
  }))
);

const env = { PYTHONPATH: join(root, "actors", "python", "src"), PYTHONDONTWRITEBYTECODE: "1" };

test("the unit tests in Python, with neither engine nor network", async () => {
  const tests = join(root, "test", "sdk", "python");
  const { code, stderr } = await startCommand(["python3", "-m", "unittest", "discover", "-s", tests], { env })
    .ended;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
});

test.each(programs)("Python program $at of docs/$page prints what its comments say", async ({ program }) => {
  const { code, stdout, stderr } = await startCommand(["python3", "-c", program], {
    env,
  }).ended;
  const told = [...program.matchAll(/^ *print\(.*\) {2}# (.*)$/gm)].map((found) => `${found[1]}\n`).join("");
  const printed = told === "" ? "" : stdout; // Actors that run write envelopes.
  expect({ code, printed, stderr }).toEqual({ code: 0, printed: told, stderr: "" });
});
