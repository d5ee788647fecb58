import type { FlowCase, PlainFlow } from "./flow_case.ts";

const SHOWN = 400;
const ACTORS_SHOWN = 40;

/** One line for each actor, for people. */
export function describeCase({ flow, written, ...flowCase }: FlowCase): string {
  const { seed, runtime, stdin, stdout, files, openFilesMax } = flowCase;
  const { actors, ...rest }: PlainFlow = written ?? flow;
  const lines = Object.entries(actors).map(([name, { in: input, ...actor }]) => {
    return `  ${name} ${show(actor)}${input === undefined ? "" : ` <- ${show(input)}`}`;
  });
  return [
    `seed ${seed} on ${runtime}, stdin ${stdin}, stdout ${stdout} ${show({ ...rest, openFilesMax, files })}`,
    ...(lines.length > ACTORS_SHOWN ? ["  ..."] : []),
    ...lines.slice(-ACTORS_SHOWN),
  ].join("\n");
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
