/** Every example gives the same bytes on every runtime. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { PushSocket } from "../../lib/zmtp/push_socket.ts";
import { engineFor } from "./engine_program.ts";
import { freePort } from "./remote_rig.ts";
import { makeFolder, root, run, type Runtime, runtimes, startCommand, until } from "./rig.ts";

const examples = join(root, "examples");
const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, "flow.json")));
const env = {
  PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`,
  PYTHONDONTWRITEBYTECODE: "1",
};

/** Programs an example needs that a machine may not have. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  six_languages: ["python3", "cc", "rustc", "java"],
  dynamic_routes: ["python3"],
  ping_pong: ["python3", "bash", "jq"],
  timers: ["python3"],
  enough: ["python3"],
  rejected: ["python3", "bash", "jq"],
  calculator: ["python3"],
  counter: ["python3"],
  slow_workers: ["python3"],
  bank: ["python3"],
  large_arrays: ["python3"],
  sensors: ["python3", "bash", "jq"],
  order_routes: ["python3", "bash", "jq"],
  chat: ["python3", "jq"],
  other_program: ["python3"],
};

function missing(name: string): readonly string[] {
  return (NEEDS[name] ?? []).filter((program) =>
    spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0
  );
}

interface Served {
  readonly env: Record<string, string>;
  readonly stop: () => Promise<unknown>;
}

/** The program beside the flow that an example brings along, which talks to it over ZeroMQ. */
async function serveProgram(program: string, runtime: Runtime): Promise<Served> {
  const [home, port] = [await freePort(), await freePort()];
  const places = { HERE: `tcp://127.0.0.1:${home}`, THERE: `tcp://127.0.0.1:${port}` };
  const started = startCommand(["python3", program], { env: { ...engineFor(runtime), ...places } });
  const push = new PushSocket({ kind: "tcp", host: "127.0.0.1", port });
  await until(() => push.isOpen, started.stderr);
  await push.close();
  return {
    env: places,
    stop: () => {
      started.child.kill("SIGINT");
      return started.ended;
    },
  };
}

/** The server that an example brings along, with what its flow has to know of it. */
async function serve(folder: string, runtime: Runtime): Promise<Served> {
  const other = join(folder, "program.py");
  if (existsSync(other)) return await serveProgram(other, runtime);
  const program = join(folder, "server.ts");
  if (!existsSync(program)) return { env: {}, stop: () => Promise.resolve() };
  const { child, ended, stdout, stderr } = startCommand([runtimes[0].command[0], program]);
  await until(() => stdout().includes("\n"), stderr);
  const stop = () => {
    child.kill();
    return ended;
  };
  return { env: { OPENAI_BASE_URL: stdout().trim(), OPENAI_API_KEY: "secret" }, stop };
}

it("every example has its line in the list", () => {
  const list = readFileSync(join(examples, "README.md"), "utf8");
  expect(names.filter((name) => !list.includes(`[${name}](${name})`))).toEqual([]);
});

describe.each(runtimes)("on $name", (runtime) => {
  it.each(names)("examples/%s prints what it should", async (name) => {
    const lacking = missing(name);
    if (lacking.length > 0) {
      return console.warn(`examples/${name} skipped: ${lacking.join(", ")} missing`);
    }
    const home = makeFolder();
    const folder = join(home, "examples", name);
    cpSync(join(examples, name), folder, { recursive: true });
    symlinkSync(join(root, "actors"), join(home, "actors"));
    const feed = join(folder, "feed.sh");
    const input = join(folder, "input.txt");
    const stdin = existsSync(feed)
      ? execFileSync("sh", [feed], { encoding: "utf8" })
      : existsSync(input)
      ? readFileSync(input, "utf8")
      : "";
    const server = await serve(folder, runtime);
    const ended = await run(runtime, [join(folder, "flow.json")], { stdin, env: { ...env, ...server.env } });
    await server.stop();
    const told = join(folder, "stderr.txt");
    expect({ ...ended, stderr: ended.stderr.replaceAll(/\d+ ms/g, "… ms") }).toEqual({
      code: 0,
      signal: null,
      stdout: readFileSync(join(folder, "expected.txt"), "utf8"),
      stderr: existsSync(told) ? readFileSync(told, "utf8") : "",
    });
    for (const file of readdirSync(folder).filter((each) => each.startsWith("expected_"))) {
      const made = readFileSync(join(folder, file.slice("expected_".length)), "utf8");
      expect(made).toBe(readFileSync(join(folder, file), "utf8"));
    }
  });

  it("examples/script.ts builds and runs a flow", async () => {
    const command = [...runtime.command.slice(0, -1), join(examples, "script.ts")];
    const ended = await startCommand(command).ended;
    expect(ended).toEqual({
      code: 0,
      signal: null,
      stdout: "50000 odd numbers up to 100000\ndone; grep read 588895 bytes\n",
      stderr: "",
    });
  });

  it("a live command feeds a flow while it runs", async () => {
    const flow = join(examples, "live", "flow.json");
    const command = runtime.command.map((word) => `'${word}'`).join(" ");
    const script =
      `{ echo "x 80"; sleep 1; echo "x 60"; } | ${command} ${flow} warm | { read line; echo "first: $line"; }`;
    const { stdout } = await startCommand(["bash", "-c", script]).ended;
    expect(stdout).toBe("first: warm: x 80\n");
  });
});
