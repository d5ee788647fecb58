import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder, root, runtimes, startCommand } from "./rig.ts";

const mod = join(root, "mod.ts");

/** Notes every opening of a library and every question for a permission. */
const NOTE = `
import process from "node:process";
export const noted = [];
const note = (object, name) => {
  const original = object?.[name];
  if (original === undefined) return;
  object[name] = (...values) => {
    noted.push(name);
    return original.apply(object, values);
  };
};
note(globalThis.Deno, "dlopen");
note(globalThis.Deno?.permissions, "querySync");
note(globalThis.Deno?.permissions, "requestSync");
note(process, "dlopen");
note(process, "getBuiltinModule");
export const before = process.eventNames().join(" ");
`;

const SCRIPT = `
import { before, noted } from "./note.mjs";
import { flow, run } from "${mod}";
import process from "node:process";
const listened = process.eventNames().join(" ");
console.log(typeof flow, typeof run, noted.join(" "), listened === before ? "" : listened);
`;

it.each(runtimes)(
  "import of mod.ts opens no library, asks for no permission and listens to nothing on $name",
  async ({ name, command }) => {
    const script = join(makeFolder({ "note.mjs": NOTE, "script.mjs": SCRIPT }), "script.mjs");
    const [program] = command;
    const options = name === "deno" ? ["run", "--no-prompt", "--config", join(root, "deno.json")] : [];
    const { code, stdout, stderr } = await startCommand([program, ...options, script]).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "function function  \n",
      stderr: "",
    });
  },
);
