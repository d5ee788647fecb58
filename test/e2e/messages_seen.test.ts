/** What is told of messages: events, the database, check. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { query } from "./capture_rig.ts";
import { makeFolder, runtimes, start } from "./rig.ts";

const ECHO =
  'select(.message_type == "Ping") | {message_type: "Pong", receiver: .sender_actor, correlation_id: .message_id, message: .message}';
const PING =
  'if .message_type == "Start" then {message_type: "Ping", receiver: "pong", message: {n: 1}} elif .message_type == "Pong" then {message: .message} else empty end';

const actors = {
  ping: { run: ["jq", "-c", "--unbuffered", PING], protocol: "messages", emits: ["Ping", "Pnig"] },
  pong: { run: ["jq", "-c", "--unbuffered", ECHO], protocol: "messages", accepts: ["Ping"], emits: ["Pong"] },
};

describe.each(runtimes)("messages on $name", (runtime) => {
  test("are followed by --events, and kept by --db", async () => {
    const folder = makeFolder({ "flow.json": { actors } });
    const args = ["flow.json", "--events", "events.ndjson", "--db", "run.db"];
    const { code, stdout } = await start(runtime, args, { cwd: folder }).ended;
    expect([code, stdout]).toEqual([0, '{"n":1}\n']);
    // Both streams are outputs of the flow; one of them is empty.
    expect(await query(runtime, join(folder, "run.db"), "SELECT name, size, is_complete FROM streams"))
      .toEqual([
        ["ping", 8, 1],
        ["pong", 0, 1],
      ]);
    const events = readFileSync(join(folder, "events.ndjson"), "utf8").trim().split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const steps = events.filter(({ type }) => type === "message")
      .map(({ step, messageType, sender, receiver }) => [step, messageType, sender, receiver]);
    expect(steps).toEqual([
      ["sent", "Ping", "ping", "pong"],
      ["delivered", "Ping", "ping", "pong"],
      ["sent", "Pong", "pong", "ping"],
      ["delivered", "Pong", "pong", "ping"],
    ]);
    const states = events.filter(({ type, actor }) => type === "actor-state" && actor === "ping")
      .map(({ state }) => state);
    expect(states).toEqual(["starting", "active", "draining", "stopped"]);
    const sql = "SELECT sender, json_extract(envelope, '$.message.n') AS n FROM messages WHERE step = 'sent'";
    expect(await query(runtime, join(folder, "run.db"), sql)).toEqual([["ping", 1], ["pong", 1]]);
  });

  test("of a type that nobody accepts are told by check", async () => {
    const folder = makeFolder({ "flow.json": { actors } });
    const { code, stdout } = await start(runtime, ["check", "flow.json"], { cwd: folder }).ended;
    expect([code, stdout.split("\n").filter((line) => line.includes("Nobody"))]).toEqual([0, [
      'Nobody accepts message type "Pnig", which "ping" emits (accepted: Ping)',
      'Nobody accepts message type "Pong", which "pong" emits (accepted: Ping)',
    ]]);
  });
});
