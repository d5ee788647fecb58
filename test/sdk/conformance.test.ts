/** Every SDK does with every exchange of the table what the table says. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, runtimes } from "../e2e/rig.ts";
import { runExchange } from "./conformance.ts";
import { EXCHANGES, type Part, PARTS } from "./exchanges.ts";

const actors = join(root, "test", "sdk", "actors");

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly parts: readonly Part[];
}

const subjects: readonly Subject[] = [
  ...runtimes.map(({ name, command }) => ({
    name: `TypeScript on ${name}`,
    command: [...command.slice(0, -1), join(actors, "conformance.ts")],
    parts: PARTS,
  })),
  { name: "Python", command: ["python3", join(actors, "conformance.py")], parts: PARTS },
  { name: "shell", command: ["bash", join(actors, "conformance.sh")], parts: PARTS },
  {
    name: "jq alone",
    command: ["jq", "-c", "--unbuffered", "-f", join(actors, "plain.jq")],
    parts: ["wire"],
  },
];

const present = subjects.filter(({ name, command: [program = ""] }) => {
  const isThere = spawnSync("sh", ["-c", `command -v "${program}"`]).status === 0;
  if (!isThere) console.warn(`${name} skipped: ${program} is missing`);
  return isThere;
});

describe.each(present)("$name", ({ command, parts }) => {
  it.each(parts)("%s", async (part) => {
    for (const exchange of EXCHANGES.filter((each) => each.part === part)) {
      expect({ [exchange.name]: await runExchange(command, exchange) }).toEqual({ [exchange.name]: null });
    }
  });
});
