/** Completion in the shells that people have, on a terminal by tmux: a line, the key Tab, and what stands there then. */
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { tmpdir } from "node:os";
import { afterEach, describe, it } from "vitest";
import { makeFolder, runtimes, until } from "./rig.ts";

const FLOW = {
  sets: { u: { values: ["http://a/x y", "it's", 'q"q', "$HOME"] }, f: { files: "logs/*.log" } },
  params: { lang: { default: "en", choices: ["en", "de"] } },
  actors: {
    page: { each: "u", run: ["echo", "{u}"] },
    count: { each: "f", run: ["wc", "{f.path}"] },
    clean: { use: "in.json", in: "count" },
    tidy: { use: "in.json", each: "f", in: "count" },
  },
  out: ["page", "clean", "tidy"],
};
const INNER = { actors: { text: { stdin: true }, words: { run: ["cat"], in: "text" } } };

/** A line, and what Tab makes of it. */
type Case = readonly [line: string, completed: string];

const EVERYWHERE: readonly Case[] = [
  ["sluice gr", "sluice graph"],
  ["sluice odd.json --keep", "sluice odd.json --keep-going"],
  ["sluice odd.json cou", "sluice odd.json count"],
  ["sluice odd.json clean/", "sluice odd.json clean/words"],
  ["sluice flows", "sluice flows\\ dir/"],
  ["sluice flows\\ dir/odd.json cou", "sluice flows\\ dir/odd.json count"],
  ["sluice 'flows dir/odd.json' cou", "sluice 'flows dir/odd.json' count"],
  ["sluice it\\'s.json cou", "sluice it\\'s.json count"],
  ["sluice ~/odd.json cou", "sluice ~/odd.json count"],
  ["sluice c:", "sluice c:d.json"],
  ["sluice c:d.json cou", "sluice c:d.json count"],
  ["sluice odd.json 'page[h", "sluice odd.json 'page[http://a/x y]'"],
  ["sluice odd.json page\\[it", "sluice odd.json page\\[it\\'s\\]"],
  ['sluice odd.json "page[q', 'sluice odd.json "page[q\\"q]"'],
  ["sluice odd.json 'tidy[logs/b b.log]/", "sluice odd.json 'tidy[logs/b b.log]/words'"],
  ["sluice odd.json --stop-after=cou", "sluice odd.json --stop-after=count"],
  ["sluice --db=lo", "sluice --db=logs/"],
  ["sluice odd.json --set la", "sluice odd.json --set lang="],
  ["sluice odd.json --set lang=e", "sluice odd.json --set lang=en"],
];

interface Shell {
  readonly name: string;
  readonly command: string;
  readonly setup: string;
  readonly own: readonly Case[];
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    command: "bash --norc --noprofile -i",
    setup: "source <(sluice completion bash); PS1='$ '",
    own: [
      ["sluice odd.json page[http:", "sluice odd.json page[http://a/x\\ y\\]"],
      ["sluice odd.json page[\\$", "sluice odd.json page[\\$HOME\\]"],
    ],
  },
  {
    name: "zsh",
    command: "zsh -f -i",
    setup: "autoload -Uz compinit; compinit -u -D; source <(sluice completion zsh); PS1='$ '",
    own: [["sluice odd.json page\\[http:", "sluice odd.json page\\[http://a/x\\ y\\]"]],
  },
  {
    name: "fish",
    command: "fish --no-config -i",
    setup:
      "sluice completion fish | source; function fish_prompt; echo '$ '; end; set -g fish_autosuggestion_enabled 0",
    own: [["sluice odd.json page\\[http:", "sluice odd.json page\\[http://a/x\\ y\\]"]],
  },
];

const hasProgram = (name: string): boolean => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
const hasTmux = hasProgram("tmux");
const isThere = ({ name }: Shell): boolean => hasTmux && hasProgram(name);

/** A folder with a program `sluice` in `bin`, and flows with odd names. */
function makeHome(): string {
  const folder = makeFolder({
    "odd.json": FLOW,
    "it's.json": FLOW,
    "c:d.json": FLOW,
    "in.json": INNER,
    "logs/a.log": "",
    "logs/b b.log": "",
    "flows dir/odd.json": FLOW,
    "flows dir/in.json": INNER,
    "flows dir/logs/z.log": "",
    "bin/sluice": "",
  });
  mkdirSync(join(folder, "bin"), { recursive: true });
  const command = runtimes[2].command.map((word) => `'${word}'`).join(" ");
  writeFileSync(join(folder, "bin/sluice"), `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(join(folder, "bin/sluice"), 0o755);
  return folder;
}

interface Terminal {
  readonly tmux: (...args: readonly string[]) => string;
  readonly screen: () => string;
}

let opened: Terminal | undefined;

function open(shell: Shell, home: string): Terminal {
  const server = ["-S", join(home, `${randomUUID()}.socket`), "-f", "/dev/null"];
  const env = { ...process.env, HOME: home, PATH: `${join(home, "bin")}:${process.env["PATH"]}`, PS1: "$ " };
  const tmux = (...args: readonly string[]): string =>
    execFileSync("tmux", [...server, ...args], { encoding: "utf8", cwd: home, env });
  tmux("new-session", "-d", "-x", "200", "-y", "50", `TMPDIR='${tmpdir()}' exec ${shell.command}`);
  opened = { tmux, screen: () => tmux("capture-pane", "-p").trimEnd() };
  return opened;
}

afterEach(() => {
  opened?.tmux("kill-server");
  opened = undefined;
});

async function complete({ tmux, screen }: Terminal, [line, completed]: Case): Promise<void> {
  tmux("send-keys", "-l", "--", line);
  await until(() => screen().includes(line), () => `no line ${line}`);
  tmux("send-keys", "Tab");
  const isThere = (): boolean =>
    screen().split("\n").some((shown) => shown.trimEnd().endsWith(`$ ${completed}`));
  await until(isThere, () => `${line} is not completed to ${completed}\n${screen()}`);
  tmux("send-keys", "C-u");
  tmux("send-keys", "C-l");
  await until(() => !screen().includes("sluice"), screen);
}

describe.each(SHELLS.filter(isThere))("completion in $name", (shell) => {
  it("knows commands, options, files, actors and their instances, however they are quoted", async () => {
    const terminal = open(shell, makeHome());
    terminal.tmux("send-keys", "-l", "--", `${shell.setup}; clear; echo rea''dy`);
    terminal.tmux("send-keys", "Enter");
    await until(() => terminal.screen().includes("ready"), terminal.screen);
    for (const each of [...EVERYWHERE, ...shell.own]) await complete(terminal, each);
  });
});

it.skipIf(hasTmux)("completion is not looked at: tmux is not installed", () => undefined);
describe.each(SHELLS.filter((shell) => hasTmux && !isThere(shell)))("completion in $name", () => {
  it.skip("is not looked at: it is not installed", () => undefined);
});
