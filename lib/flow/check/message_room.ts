/**
 * What checks actors that talk in messages; loaded only where a flow has any.
 */
import { checkHandler, handlerEnv } from "./check_handler.ts";
import { checkMessaging } from "./check_messaging.ts";
import { checkEndpoint, checkRemote } from "./check_remote.ts";
import type { MessageRoom } from "./rooms.ts";

export const MESSAGES: MessageRoom = {
  checkMessaging,
  checkHandler,
  handlerEnv,
  checkRemote,
  checkEndpoint,
};
