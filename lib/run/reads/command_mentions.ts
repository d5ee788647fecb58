/** Which variables of the engine an actor's own words name. */
import type { Actor } from "../../core/flow.ts";
import { findMentions } from "../../store/cache/mentions.ts";

/** The words of a command, or its script. */
export function commandText({ source }: Pick<Actor, "source">): string {
  return source.kind === "sh" ? source.script : source.kind === "run" ? source.argv.join("\n") : "";
}

/** The names of such variables in what the flow itself says, or all of them where a shell prints all that it has. */
export function commandMentions({ source, env }: Pick<Actor, "source" | "env">): readonly string[] {
  const text = commandText({ source });
  const isAll = source.kind === "sh" &&
    /(?:^|[\s;|&({])(?:export|set|declare|typeset)(?:\s+-\w+)?\s*(?:$|[\n;|&)}>])/.test(text);
  return [...isAll ? ["SLUICE_"] : [], ...findMentions(`${text}\n${Object.values(env).join("\n")}`)];
}
