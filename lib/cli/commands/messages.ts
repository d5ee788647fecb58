/** `sluice messages FLOW [ACTOR]`: what actors say to each other, as far as the flow tells it. */
import { makeHide } from "../../core/secrets.ts";
import { listMessaging } from "../../graph/list_messaging.ts";
import { listedActor, listMessageLines } from "../../report/text/messages_text.ts";
import { writeLines, writeText } from "../../report/sinks/write_text.ts";
import { openFlow } from "../line/open_flow.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";

export async function messagesCommand(given: Arguments): Promise<number> {
  const isPlain = given.options["no-color"] === true;
  const { flow } = await openFlow(given, wantsColor(2, isPlain));
  const found = listMessaging(flow);
  const wanted = given.words[1];
  const chosen = wanted === undefined ? found : found.filter(({ actor }) => actor.name === wanted);
  if (wanted !== undefined && chosen.length === 0) {
    const names = found.map(({ actor }) => actor.name).join(", ");
    const why = flow.actors.has(wanted) ? "it does not talk in messages" : "there is no such actor";
    throw new UsageError(
      `Cannot list the messages of "${wanted}": ${why} (message actors: ${names || "none"})`,
    );
  }
  const actors = makeHide(flow)(chosen.map((each) => listedActor(each, flow)));
  if (given.options.json === true) writeText(1, `${JSON.stringify({ flow: flow.name, actors })}\n`);
  else if (actors.length === 0) writeText(1, "no actor talks in messages\n");
  else writeLines(1, listMessageLines(actors, { color: wantsColor(1, isPlain) }));
  return 0;
}
