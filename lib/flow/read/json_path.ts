/**
 * Paths into the JSON of a flow, as text.
 */
import type { JsonPath } from "../../core/issue.ts";

/** `actors.bar.in[1]`, `aliases[".end"]`; the empty string for the whole. */
export function pathText(path: JsonPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** The end of a path that names a thing to people: `in[1]` of `actors.bar.in[1]`. */
export function pathLabel(path: JsonPath): string {
  const start = path.findLastIndex((part) => typeof part === "string");
  const [key, ...places] = path.slice(Math.max(start, 0));
  return `${key ?? "the flow"}${pathText(places)}`;
}
