/**
 * What people see on a terminal: a real one, by tmux, whose screen and scrollback are looked at.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { makeFolder, runtimes, until } from "./rig.ts";

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const TIMEOUT_MS = 60_000;

interface Terminal {
  /** The lines that are seen now. */
  readonly screen: () => readonly string[];
  /** Those and what has left the screen by its top. */
  readonly all: () => readonly string[];
  readonly resize: (columns: number, rows: number) => void;
  readonly type: (keys: string) => void;
  readonly close: () => void;
}

/** A terminal in which a shell runs a command and then says `over`. */
function open(
  command: readonly string[],
  { cwd, columns, rows }: { readonly cwd: string; readonly columns: number; readonly rows: number },
): Terminal {
  const server = ["-S", join(cwd, `${randomUUID()}.socket`), "-f", "/dev/null"];
  const tmux = (...args: readonly string[]): string =>
    execFileSync("tmux", [...server, ...args], { encoding: "utf8", cwd });
  const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  tmux(
    ...["new-session", "-d", "-x", String(columns), "-y", String(rows)],
    `TMPDIR='${tmpdir()}' TERM=screen-256color ${line}; echo over; read -r wait`,
  );
  const capture = (...args: readonly string[]): readonly string[] =>
    tmux("capture-pane", "-p", ...args).trimEnd().split("\n").map((text) => text.trimEnd());
  return {
    screen: () => capture(),
    all: () => capture("-S", "-"),
    resize: (x, y) => void tmux("resize-window", "-x", String(x), "-y", String(y)),
    type: (keys) => void tmux("send-keys", keys),
    close: () => void tmux("kill-server"),
  };
}

function hold(name: string): string {
  return `while [ -e ${name} ]; do sleep 0.05; done`;
}

describe.skipIf(!hasTmux).each(runtimes)("a terminal on $name", ({ command }) => {
  /** Runs a flow in it; `look` is ended before the terminal is. */
  async function see(
    flow: object,
    size: { readonly columns: number; readonly rows: number; readonly args?: readonly string[] },
    look: (terminal: Terminal, folder: string) => Promise<void>,
  ): Promise<void> {
    const folder = makeFolder({ "flow.json": flow, wait: "", go: "" });
    const terminal = open([...command, join(folder, "flow.json"), ...size.args ?? []], {
      cwd: folder,
      ...size,
    });
    try {
      await look(terminal, folder);
    } finally {
      terminal.close();
    }
  }
  const shows = async (terminal: Terminal, pattern: RegExp): Promise<void> =>
    await until(() => terminal.all().some((line) => pattern.test(line)), () => terminal.all().join("\n"));
  const remove = (folder: string, name: string): void => void execFileSync("rm", ["--", join(folder, name)]);

  test(
    "shows how far things are, a bar of progress beside its actor, and leaves only what stays",
    async () => {
      const flow = {
        actors: {
          bar: { sh: `printf 'begin\n 45 %%\r' >&2; ${hold("wait")}; printf '100 %%\r\n' >&2; echo out` },
          other: { sh: hold("wait") },
        },
      };
      await see(flow, { columns: 80, rows: 24 }, async (terminal, folder) => {
        await shows(terminal, /^0:0\d, 0 of 2 ended, 2 running$/);
        await shows(terminal, /^⚡ bar .*│ {2}45 %$/);
        remove(folder, "wait");
        await shows(terminal, /^over$/);
        const lines = terminal.all();
        const closing = lines.findIndex((line) => line.startsWith("done in "));
        expect(lines.slice(0, closing).toSorted()).toEqual(["bar   │ 100 %", "bar   │ begin", "out"]);
        expect(lines[closing]).toMatch(/^done in .*: 2 actors, 4 B written$/);
        expect(lines[closing + 1]).toMatch(/^slowest: (bar|other) .*, (bar|other) /);
        expect(lines.slice(closing + 2)).toEqual(["over"]);
      });
    },
    TIMEOUT_MS,
  );

  test("shows a prompt that has no end of line, also when it is to be quiet", async () => {
    const flow = { actors: { ask: { sh: `printf 'Name? ' >&2; ${hold("wait")}` } } };
    for (const args of [[], ["--quiet"]]) {
      await see(flow, { columns: 80, rows: 24, args }, async (terminal, folder) => {
        await shows(terminal, args.length === 0 ? /^⚡ ask .*│ Name\?$/ : /^ask │ Name\?$/);
        remove(folder, "wait");
        await shows(terminal, /^over$/);
      });
    }
  }, TIMEOUT_MS);

  test("has room for many actors, and nothing is left of them when its size changes", async () => {
    const flow = {
      sets: { n: { range: [1, 60] } },
      actors: { each: { each: "n", sh: hold("wait") }, last: { sh: hold("go") } },
    };
    const args = ["--expand"];
    await see(flow, { columns: 80, rows: 24, args }, async (terminal, folder) => {
      await shows(terminal, /^… and 40 more$/);
      expect(terminal.screen().length).toBeLessThanOrEqual(24);
      terminal.resize(30, 12);
      await until(
        () => terminal.screen().some((line) => /^… and 52 more$/.test(line)),
        () => terminal.all().join("\n"),
      );
      terminal.resize(100, 50);
      await until(
        () => terminal.screen().some((line) => /^… and 14 more$/.test(line)),
        () => terminal.all().join("\n"),
      );
      remove(folder, "wait");
      await shows(terminal, /^0:\d\d, 60 of 61 ended, 1 running$/);
      remove(folder, "go");
      await shows(terminal, /^over$/);
      expect(terminal.screen().filter((line) => /⚡|⋯|more$/.test(line))).toEqual([]);
    });
  }, TIMEOUT_MS);

  test("shows 500 actors on 50 lines, and what is stopped by Ctrl-C leaves only what ended it", async () => {
    const flow = {
      sets: { n: { range: [1, 500] } },
      actors: { each: { each: "n", run: ["sleep", "1000"] } },
    };
    const args = ["--expand", "--processes", "500"];
    await see(flow, { columns: 100, rows: 50, args }, async (terminal) => {
      await shows(terminal, /^0:\d\d, 0 of 500 ended, 500 running$/);
      await shows(terminal, /^… and 453 more$/);
      expect(terminal.all().length).toBeLessThanOrEqual(50);
      terminal.type("C-c");
      await shows(terminal, /^over$/);
      expect(terminal.all().filter((line) => /⚡|⋯|⏹|more$/.test(line))).toEqual([]);
      expect(terminal.all().length, terminal.all().join("\n")).toBeLessThanOrEqual(10);
    });
  }, TIMEOUT_MS);
});

test.skipIf(hasTmux)("a terminal is not looked at: tmux is not installed", () => undefined);
