/**
 * Part of the check of an actor: the keys of one that talks in messages.
 */
import {
  DELIVERIES_MAX,
  MAILBOX_SIZE,
  MESSAGE_BYTES,
  MESSAGE_BYTES_MAX,
  RESTART_BACKOFF_MS,
  RESTART_INTENSITY,
  RESTART_PERIOD_MS,
} from "../../core/limits/message.ts";
import { readKeyExpression } from "../../core/key_expression.ts";
import type { Messaging, Restart, Supervisor } from "../../core/messaging.ts";
import { checkDuration } from "./check_duration.ts";
import { checkTypes } from "./check_message_types.ts";
import { handlerOf } from "./check_handler.ts";
import { remoteOf } from "./check_remote.ts";
import { type ActorSite, isHandler, isMessageSite } from "./actor_site.ts";
import { MESSAGE_ENTRIES } from "../schema/message_schema.ts";
import { quote } from "../schema/names.ts";
import { parseSize } from "../schema/size.ts";

/** Keys that a message actor cannot have, and why. */
const BYTE_KEYS = [
  ["outputs", "it writes envelopes and one stream of records"],
  ["workers", 'several processes are a supervisor, such as {"type": "pool", "size": 4}'],
  ["stall", "it is there to wait"],
  ["timeout", "it lives as long as the flow"],
  ["cache", "what it writes depends on what it is told"],
  ["keep", 'a message actor gets its records by "Depend"'],
  ["each", '"supervisor": {"type": "keyed"} makes an instance for each key'],
] as const;

/** The supervisors that each key belongs to. */
const SUPERVISOR_KEYS = {
  size: ["pool"],
  key: ["keyed"],
  hosts: ["keyed"],
  idle: ["singleton", "keyed"],
} as const;

/** How a message actor is run; undefined for any other actor. Mistakes are reported, and have their defaults. */
export function checkMessaging(site: ActorSite): Messaging | undefined {
  if (!isMessageSite(site)) {
    reportMessageKeys(site);
    handlerOf(site);
    remoteOf(site);
    return undefined;
  }
  const { shape: { keys } } = site;
  reportByteKeys(site);
  const handler = handlerOf(site);
  const remote = remoteOf(site);
  return {
    ...(remote === undefined ? {} : { remote }),
    ...(handler === undefined ? {} : { handler }),
    supervisor: checkSupervisor(site),
    subscribe: checkTopics("subscribe", site),
    mailbox: { size: keys.mailbox?.size ?? MAILBOX_SIZE, overflow: keys.mailbox?.overflow ?? "block" },
    restart: checkRestart(site),
    ...(keys.prefetch === undefined ? {} : { prefetch: keys.prefetch }),
    delivery: keys.delivery ?? "at-most-once",
    deliveriesMax: checkDeliveries(site),
    lineBytesMax: checkLine(site),
    ...checkTypes(site),
    ...(keys.publish === undefined ? {} : { publish: checkTopics("publish", site) }),
    args: checkArgs(site),
    records: keys.records ?? "Record",
  };
}

function reportMessageKeys({ name, shape, check }: ActorSite): void {
  for (const key of Object.keys(MESSAGE_ENTRIES)) {
    // The entries are those of an actor, so each is one of its keys.
    if (key === "protocol" || shape.keys[key as keyof typeof MESSAGE_ENTRIES] === undefined) continue;
    const message = `Cannot use ${quote(key)} on actor ${
      quote(name)
    }: it does not talk in messages (expected "protocol": "messages" beside it)`;
    check.report({ path: ["actors", name, key], message, at: "key" });
  }
}

function reportByteKeys(site: ActorSite): void {
  const { name, shape: { keys }, check } = site;
  if (keys.protocol === "bytes" && isHandler(site)) {
    const message = `Cannot use "protocol": "bytes" on actor ${
      quote(name)
    }: a handler is called with messages`;
    check.report({ path: ["actors", name, "protocol"], message, at: "key" });
  }
  for (const [key, why] of BYTE_KEYS) {
    // A function may take its time for each message.
    if (keys[key] === undefined || (key === "timeout" && isHandler(site))) continue;
    const message = `Cannot use "${key}" on message actor ${quote(name)}: ${why}`;
    check.report({ path: ["actors", name, key], message, at: "key" });
  }
  if (typeof keys.in !== "object" || Array.isArray(keys.in)) return;
  for (const port of Object.keys(keys.in)) {
    if (port === "stdin") continue;
    const message = `Cannot give input ${quote(port)} to message actor ${
      quote(name)
    }: its records come as messages (expected only "stdin", or a list of streams)`;
    check.report({ path: ["actors", name, "in", port], message, at: "key" });
  }
}

function checkSupervisor({ name, shape: { keys }, check }: ActorSite): Supervisor {
  const { supervisor } = keys;
  if (supervisor === undefined) return { type: "singleton" };
  const path = ["actors", name, "supervisor"];
  for (const [key, types] of Object.entries(SUPERVISOR_KEYS)) {
    // The keys are those of the schema.
    const isGiven = supervisor[key as keyof typeof SUPERVISOR_KEYS] !== undefined;
    if (!isGiven || types.some((type) => type === supervisor.type)) continue;
    const message = `Cannot use "${key}" on a ${supervisor.type} supervisor: only ${
      types.map((type) => `"${type}"`).join(" and ")
    } ${types.length > 1 ? "have" : "has"} it`;
    check.report({ path: [...path, key], message, at: "key" });
  }
  const idleMs = checkDuration(supervisor.idle, { path: [...path, "idle"], check });
  const idle = idleMs === undefined ? {} : { idleMs };
  switch (supervisor.type) {
    case "singleton":
      return { type: "singleton", ...idle };
    case "pool":
      if (supervisor.size === undefined) {
        const message = `Cannot make the pool ${quote(name)}: it has no size (expected such as "size": 4)`;
        check.report({ path, message });
      }
      return { type: "pool", size: supervisor.size ?? 1 };
    case "keyed": {
      const { key } = supervisor;
      const parts = key?.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
      const keyed = parts === undefined ? {} : { key: parts };
      return { type: "keyed", ...keyed, hosts: supervisor.hosts ?? 1, ...idle };
    }
  }
}

function checkTopics(
  key: "subscribe" | "publish",
  { name, shape: { keys }, check }: ActorSite,
): readonly string[] {
  const topics = keys[key] ?? [];
  const isOne = typeof topics === "string";
  return (isOne ? [topics] : topics).flatMap((text, index) => {
    const read = readKeyExpression(text);
    if (read.ok) return read.key.text;
    const path = ["actors", name, key, ...(isOne ? [] : [index])];
    const does = key === "subscribe" ? "subscribe to" : "publish to";
    check.report({ path, message: `Cannot ${does} ${quote(text)}: it ${read.reason}` });
    return [];
  });
}

function checkRestart({ name, shape: { keys }, check }: ActorSite): Restart {
  const { restart } = keys;
  const path = ["actors", name, "restart"];
  return {
    // A function that fails for one message may do well with the next.
    policy: restart?.policy ?? (restart === undefined && keys.handler === undefined ? "never" : "on-failure"),
    intensity: restart?.intensity ?? RESTART_INTENSITY,
    periodMs: checkDuration(restart?.period, { path: [...path, "period"], check }) ?? RESTART_PERIOD_MS,
    backoffMs: checkDuration(restart?.backoff, { path: [...path, "backoff"], check, isPositive: false }) ??
      RESTART_BACKOFF_MS,
  };
}

/** `retry.max` of a message actor is how often one message is delivered. */
function checkDeliveries({ name, shape: { keys: { retry } }, check }: ActorSite): number {
  if (retry === undefined) return DELIVERIES_MAX;
  if (typeof retry === "number") return retry;
  for (const key of ["backoff", "within"] as const) {
    if (retry[key] === undefined) continue;
    const message = `Cannot use "${key}" in "retry" of message actor ${
      quote(name)
    }: its messages are delivered again when it is started again (expected "max" alone, and "restart")`;
    check.report({ path: ["actors", name, "retry", key], message, at: "key" });
  }
  return retry.max;
}

function checkLine({ name, shape: { keys: { limits } }, check }: ActorSite): number {
  if (limits?.message === undefined) return MESSAGE_BYTES;
  const bytes = parseSize(limits.message) ?? MESSAGE_BYTES;
  if (bytes >= 1 && bytes <= MESSAGE_BYTES_MAX) return bytes;
  const message = `Cannot limit messages of actor ${quote(name)} to ${quote(limits.message)}: it is ${
    bytes < 1 ? "nothing" : "too much"
  } (expected at most "${MESSAGE_BYTES_MAX / 1024 / 1024}MiB")`;
  check.report({ path: ["actors", name, "limits", "message"], message });
  return MESSAGE_BYTES;
}

function checkArgs({ name, shape: { keys: { args } }, check }: ActorSite): string {
  try {
    return JSON.stringify(args) ?? "null";
  } catch {
    // It holds itself, or a bigint: what is thrown says no more than that.
    const message = `Cannot give args to actor ${quote(name)}: they are no JSON value`;
    check.report({ path: ["actors", name, "args"], message });
    return "null";
  }
}
