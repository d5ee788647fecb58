/**
 * The keys of actors that are plain functions. `check_handler.ts` says what may stand together.
 */
import * as v from "valibot";
import { choice, filledText, flag, optional } from "./schema_parts.ts";

const HANDLER =
  'a function by its import path, such as "my_app.model.Predictor.predict" or "./score.ts#score"';
const VALIDATE = 'true, false or "lenient"';

/** The keys of an actor that only handlers have. */
export const HANDLER_ENTRIES = {
  handler: optional(
    filledText(HANDLER),
    "A plain function or method that is called with each message: package.module.Class.method in Python, path.ts#export on the engine's runtime. See docs/handlers.md.",
  ),
  mode: optional(
    choice("payload", "envelope"),
    "What a handler gets and returns: payloads (the default), or envelopes with route and headers, which it may change.",
  ),
  metadata: optional(
    flag(),
    "Whether a handler in payload mode gets an object with route, headers and id besides the payload; false by default.",
  ),
  validate: optional(
    v.union([v.boolean(VALIDATE), v.literal("lenient", VALIDATE)], VALIDATE),
    "Whether the routes that a handler returns are checked: true (the default), false, or lenient, where handlers move on by themselves.",
  ),
} as const;
