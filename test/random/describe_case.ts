import type { FlowCase } from "./flow_case.ts";

/** One line for each actor, for people. */
export function describeCase({ seed, runtime, stdin, stdout, files, flow }: FlowCase): string {
  const actors = Object.entries(flow.actors).map(([name, { in: input, ...actor }]) => {
    return `  ${name} ${JSON.stringify(actor).slice(0, 200)}${
      input === undefined ? "" : ` <- ${JSON.stringify(input)}`
    }`;
  });
  const { actors: _, ...rest } = flow;
  return [
    `seed ${seed} on ${runtime}, stdin ${stdin}, stdout ${stdout} ${JSON.stringify({ ...rest, files })}`,
    ...actors,
  ].join("\n");
}
