/**
 * The examples of the library that the protocol comes from, with nothing changed but their imports (and ports, so that
 * tests can run beside each other): against themselves as they are, with pyzmq, on each runtime.
 */
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { engineFor } from "../e2e/engine_program.ts";
import { freePort } from "../e2e/remote_rig.ts";
import { makeFolder, type Runtime, runtimes, startCommand, type Started, until } from "../e2e/rig.ts";
import { findOriginals } from "./originals.ts";
import { findPyzmq } from "./pyzmq.ts";

const pyzmq = findPyzmq();
const originals = findOriginals();
const python = "python" in pyzmq ? pyzmq.python : undefined;
const library = "folder" in originals ? originals.folder : undefined;
if ("missing" in pyzmq) console.warn(`examples of the original skipped: ${pyzmq.missing}`);
else if ("missing" in originals) console.warn(`examples of the original skipped: ${originals.missing}`);

const started: Started[] = [];

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill("SIGTERM");
    await ended;
  }
});

/** A server and its clients, and a line that each of them has said when it has done its part. */
interface Example {
  readonly server: string;
  readonly clients: readonly string[];
  readonly served: readonly RegExp[];
  readonly said: readonly RegExp[];
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  remote_ping_pong: {
    server: "pong_process.py",
    clients: ["ping_process.py"],
    served: [/Received ping 5 from ping/],
    said: [/Received pong 5 from remote/, /PingActor: Done!/],
  },
  remote_two_pings: {
    server: "pong_process.py",
    clients: ["ping1_process.py", "ping2_process.py"],
    served: [/Received ping 3 from ping1 \(source=Ping1\)/, /Received ping 3 from ping2 \(source=Ping2\)/],
    said: [/Received pong 3/, /Ping[12]: Done!/],
  },
  reject_example: {
    server: "receiver.py",
    clients: ["sender.py"],
    served: [/Received Ping 1/],
    said: [
      /Received Pong 1 - normal message worked!/,
      /Received Reject!/,
      /Message type: UnknownMessage/,
      /Reason: Unknown message type: UnknownMessage/,
      /Rejected by: receiver/,
    ],
  },
};

/** The library with other ports; `isOurs` has examples import the SDK. */
async function copyLibrary(): Promise<{ readonly original: string; readonly ours: string }> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const home = makeFolder();
  const copy = (name: string, change: (text: string) => string): string => {
    const folder = join(home, name);
    cpSync(library ?? "", folder, { recursive: true });
    for (const file of readdirSync(join(folder, "examples"), { recursive: true, encoding: "utf8" })) {
      const path = join(folder, "examples", file);
      if (!statSync(path).isFile()) continue;
      const text = readFileSync(path, "utf8").replaceAll(
        /\b500([123])\b/g,
        (_, digit) => String(ports[Number(digit) - 1]),
      );
      writeFileSync(path, change(text));
    }
    return folder;
  };
  return {
    original: copy("original", (text) => text),
    ours: copy("ours", (text) => text.replaceAll("from actors import", "from sluice_actor import")),
  };
}

describe.each(runtimes)("examples of the original, on $name", (runtime) => {
  const start = (whose: "original" | "ours", folder: string, program: string): Started => {
    const env = whose === "ours"
      ? engineFor(runtime as Runtime)
      : { PYTHONPATH: folder, PYTHONUNBUFFERED: "1" };
    const command = whose === "ours" ? "python3" : python ?? "";
    const one = startCommand([command, join(folder, "examples", program)], { env });
    started.push(one);
    return one;
  };
  const told = (one: Started) => one.stdout() + one.stderr();

  test.skipIf(python === undefined || library === undefined).each(
    Object.entries(EXAMPLES).flatMap(([name, example]) =>
      (["ours", "original"] as const).map((server) => ({ name, server, example }))
    ),
  )("$name with a server that is $server", async ({ name, server, example }) => {
    const folders = await copyLibrary();
    const client = server === "ours" ? "original" : "ours";
    const one = start(server, folders[server], `${name}/${example.server}`);
    const others = example.clients.map((program) => start(client, folders[client], `${name}/${program}`));
    await until(
      () => example.served.every((line) => line.test(told(one))),
      () => [one, ...others].map(told).join("\n---\n"),
    );
    for (const other of others) {
      const { code } = await other.ended;
      for (const line of example.said) expect(told(other)).toMatch(line);
      expect(other.stdout()).toMatch(/Complete ===\n$/);
      expect(code, told(other)).toBe(0);
    }
  });
});
