/** Every SDK does with every exchange of the table what the table says. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { root, runtimes } from "../e2e/rig.ts";
import { runExchange } from "./conformance.ts";
import { EXCHANGES, type Part, PARTS } from "./exchanges.ts";

const actors = join(root, "test", "sdk", "actors");

const built = mkdtempSync(join(tmpdir(), "test-of-sluice-sdk-"));
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** A loop knows no unknown types, no instances, and handles its errors itself. */
const LOOP_PARTS: readonly Part[] = [
  "wire",
  "robust",
  "start",
  "output",
  "ask",
  "timers",
  "beside",
  "finish",
];

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly parts: readonly Part[];
  /** What makes the program, and where. */
  readonly build?: { readonly command: readonly string[]; readonly folder: string };
}

const subjects: readonly Subject[] = [
  ...runtimes.map(({ name, command }) => ({
    name: `TypeScript on ${name}`,
    command: [...command.slice(0, -1), join(actors, "conformance.ts")],
    parts: PARTS,
  })),
  {
    name: "TypeScript, a receive loop",
    command: [...runtimes[0].command.slice(0, -1), join(actors, "conformance_loop.ts")],
    parts: LOOP_PARTS,
  },
  {
    name: "Python, a receive loop",
    command: ["python3", join(actors, "conformance_loop.py")],
    parts: LOOP_PARTS,
  },
  { name: "Python", command: ["python3", join(actors, "conformance.py")], parts: PARTS },
  { name: "shell", command: ["bash", join(actors, "conformance.sh")], parts: PARTS },
  {
    name: "Go",
    command: [join(built, "go")],
    parts: PARTS,
    build: { command: ["go", "build", "-o", join(built, "go"), "."], folder: join(actors, "go") },
  },
  {
    name: "Rust",
    command: [join(built, "rust")],
    parts: PARTS,
    build: {
      command: [
        "rustc",
        "--edition",
        "2021",
        "-O",
        "-D",
        "warnings",
        "-o",
        join(built, "rust"),
        "conformance.rs",
      ],
      folder: actors,
    },
  },
  {
    name: "jq alone",
    command: ["jq", "-c", "--unbuffered", "-f", join(actors, "plain.jq")],
    parts: ["wire"],
  },
];

const present = subjects.filter(({ name, command, build }) => {
  const [program = ""] = build?.command ?? command;
  const isThere = spawnSync("sh", ["-c", `command -v "${program}"`]).status === 0;
  if (!isThere) console.warn(`${name} skipped: ${program} is missing`);
  return isThere;
});

/** Without the network: there are no dependencies. */
const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off", GOTOOLCHAIN: "local" };

describe.each(present)("$name", ({ command, parts, build }) => {
  if (build !== undefined) {
    it("is built", { timeout: 300_000 }, () => {
      const [program = "", ...args] = build.command;
      const { status, stderr } = spawnSync(program, args, { cwd: build.folder, env, encoding: "utf8" });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    });
  }

  it.each(parts)("%s", async (part) => {
    for (const exchange of EXCHANGES.filter((each) => each.part === part)) {
      expect({ [exchange.name]: await runExchange(command, exchange) }).toEqual({ [exchange.name]: null });
    }
  });
});
