/**
 * Failures of what message actors say to each other, as text.
 */
import type { Failure } from "../../core/failure.ts";
import { describeNoRoom, describeRoom } from "./room_text.ts";

type Talk = Extract<Failure, { kind: "envelope" | "message" | "mailbox" | "unread" | "starved" }>;

/** The lines that tell of it. */
export function describeTalk(failure: Talk): readonly string[] {
  switch (failure.kind) {
    case "envelope":
      return [`Actor "${failure.actor}" wrote a line that is no envelope: ${failure.problem}`, failure.line];
    case "message":
      return describeLost(failure);
    case "mailbox": {
      const { actor, cause, room, what } = failure;
      return [
        `Cannot keep the ${what === "states" ? "states of" : "messages that wait for"} actor "${actor}": ${
          describeNoRoom(cause, room)
        }`,
        ...describeRoom(cause, room),
      ];
    }
    case "unread":
      // It is to be started again however it ends, and nothing waited for it.
      if (failure.messages === 0) {
        return [
          `Actor "${failure.actor}" ended well, again and again, more often than its "restart" allows`,
          'with "policy": "on-failure" it is started again by its next message; or give a larger "intensity"',
        ];
      }
      return [
        `Actor "${failure.actor}" ended without reading ${
          failure.messages === 1 ? "the message" : `the ${failure.messages} messages`
        } that waited for it`,
        "a message actor reads its standard input, an envelope a line",
      ];
    case "starved":
      return [
        `Actor "${failure.actor}" acknowledges none of the ${failure.messages} messages that it has, and waits for more`,
        'let it have more with "prefetch", or acknowledge each message that is handled',
      ];
  }
}

function describeLost(
  { count, messageType, sender, receiver, reason, code }: Extract<Failure, { kind: "message" }>,
): readonly string[] {
  const what = code === "OTHERS"
    ? `${count} more messages were`
    : `${count === 1 ? "A message" : `${count} messages`}${messageType === "" ? "" : ` "${messageType}"`} ${
      sender === "" ? "of a stream" : `of "${sender}"`
    } to "${receiver}" ${count === 1 ? "was" : "were"}`;
  return [
    `${what} not handled: ${reason}`,
    // What the engine itself sends and fails the run is a dead letter.
    ...(code === "OTHERS" || sender === "$engine"
      ? []
      : ['an actor behind the alias "dead-letter" gets such messages']),
  ];
}
