/** Programs that make their actors themselves (`Manager` of the Python SDK), by hand and in a flow. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "./remote_rig.ts";
import { findCommand, makeFolder, root, type Runtime, runtimes, start, startCommand, until } from "./rig.ts";
import { engineFor } from "./engine_program.ts";

const programs = join(root, "test", "fixtures", "remote");
const endpoint = (port: number): string => `tcp://127.0.0.1:${port}`;

function python(runtime: Runtime, name: string, ...args: readonly string[]) {
  return startCommand(["python3", join(programs, name), ...args], { env: engineFor(runtime) });
}

const POINTS = [
  "Reject: Song, Unknown message type: Song",
  ...[1, 3, 6, 10, 15].map((points, at) => `Pong ${at + 1} of pong, points ${points}`),
];

/** What an actor has printed. */
function said(actor: string, stderr: string): readonly string[] {
  return stderr.split("\n").flatMap((line) => {
    const [name = "", text] = line.split(" │ ");
    return name.trim() === actor && text !== undefined ? [text] : [];
  });
}

describe.each(runtimes)("programs with a Manager, on $name", (runtime) => {
  test("talk to each other, each as a flow of its actors; an interrupt ends one that serves", async () => {
    const [here, there] = [await freePort(), await freePort()];
    const pong = python(runtime, "pong.py", `tcp://*:${there}`, endpoint(there));
    const ping = python(runtime, "ping.py", endpoint(here), endpoint(there));
    const { code, stdout, stderr } = await ping.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "begins\nover True\n" });
    expect([...said("ping", stderr)].sort(), stderr).toEqual([...POINTS].sort());
    await until(() => said("pong", pong.stderr()).length === 5, pong.stderr);
    pong.child.kill("SIGINT");
    const ended = await pong.ended;
    expect({ code: ended.code, stdout: ended.stdout }, ended.stderr).toEqual({
      code: 0,
      stdout: "ready\ninterrupted\nover\n",
    });
    expect(said("pong", ended.stderr)).toEqual([1, 2, 3, 4, 5].map((count) => `Ping ${count} of ping`));
  });

  test("serve the actor that a flow calls so", async () => {
    const [here, there] = [await freePort(), await freePort()];
    const run = (name: string, ...args: readonly string[]) => ({
      run: ["python3", join(programs, name), ...args],
      protocol: "messages",
    });
    const folder = makeFolder({
      "pong.json": {
        endpoint: endpoint(there),
        actors: { pong: run("pong.py", "tcp://*:1", endpoint(there)) },
      },
      "ping.json": {
        endpoint: endpoint(here),
        actors: Object.fromEntries(
          ["ping", "friend"].map((name) => [name, run("ping.py", "tcp://*:1", endpoint(there))]),
        ),
      },
      "other.json": { actors: { other: run("ping.py", "tcp://*:1", endpoint(there)) } },
    });
    const pong = start(runtime, ["pong.json"], { cwd: folder });
    const ping = await start(runtime, ["ping.json"], { cwd: folder }).ended;
    pong.child.kill("SIGTERM");
    const { code, stderr } = await pong.ended;
    expect(ping.code, ping.stderr).toBe(0);
    expect([...said("ping", ping.stderr)].sort()).toEqual(["begins", ...POINTS, "over True"].sort());
    expect(code, stderr).toBe(0);
    expect(said("pong", stderr)).toEqual([
      "ready",
      ...[1, 2, 3, 4, 5].map((at) => `Ping ${at} of ping`),
      "over",
    ]);
    const other = await start(runtime, ["other.json"], { cwd: folder }).ended;
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(
      "Cannot serve actor 'other': this program has no such actor (it manages: friend, ping)",
    );
  });

  test("end as their flow does when it cannot run, and leave nothing when they are killed", async () => {
    const port = await freePort();
    const pong = python(runtime, "pong.py", endpoint(port), endpoint(port));
    const peer = python(runtime, "ping.py", endpoint(await freePort()), endpoint(port));
    expect((await peer.ended).code, peer.stderr()).toBe(0);
    const second = await python(runtime, "pong.py", endpoint(port), endpoint(port)).ended;
    expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 2, stdout: "ready\n" });
    expect(second.stderr).toContain(`Cannot listen at "${endpoint(port)}": somebody listens there already`);
    const command = `${join(programs, "pong.py")} ${endpoint(port)}`;
    expect(findCommand(command).length).toBeGreaterThan(1);
    pong.child.kill("SIGKILL");
    await pong.ended;
    await until(() => findCommand(command).length === 0, () => `${findCommand(command)}`);
  });
});
