/**
 * The actor that stands for programs outside: what they send comes from it, and what is for them goes to it.
 */
import {
  DELIVERIES_MAX,
  MAILBOX_SIZE,
  MESSAGE_BYTES_MAX,
  RESTART_BACKOFF_MS,
  RESTART_INTENSITY,
  RESTART_PERIOD_MS,
} from "../../core/limits/message.ts";
import type { ActorSetup } from "./message_actor.ts";
import { STRANGERS } from "./remote_address.ts";

export function makeStrangers(): ActorSetup {
  return {
    name: STRANGERS,
    subscribe: [],
    isEager: true,
    messaging: {
      remote: "any",
      supervisor: { type: "singleton" },
      subscribe: [],
      mailbox: { size: MAILBOX_SIZE, overflow: "block" },
      restart: {
        policy: "never",
        intensity: RESTART_INTENSITY,
        periodMs: RESTART_PERIOD_MS,
        backoffMs: RESTART_BACKOFF_MS,
      },
      delivery: "at-most-once",
      deliveriesMax: DELIVERIES_MAX,
      lineBytesMax: MESSAGE_BYTES_MAX,
      args: "null",
      records: "Record",
    },
  };
}
