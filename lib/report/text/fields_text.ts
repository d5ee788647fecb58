/**
 * A JSON Schema for people: `{account: string, amount: number, note?: string}`.
 */
const DEPTH_MAX = 3;

export function fieldsText(schema: unknown, depth = 0): string {
  if (!isObject(schema)) return "any";
  const { type, properties, required, items } = schema;
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"])) return schema["enum"].map((each) => JSON.stringify(each)).join(" | ");
  if (type === "array") return `${fieldsText(items, depth + 1)}[]`;
  if (!isObject(properties)) return typeText(type);
  const entries = Object.entries(properties);
  if (entries.length === 0) return "{}";
  if (depth >= DEPTH_MAX) return "{…}";
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  return `{${
    entries.map(([name, field]) => `${name}${isRequired(name) ? "" : "?"}: ${fieldsText(field, depth + 1)}`)
      .join(", ")
  }}`;
}

function typeText(type: unknown): string {
  if (Array.isArray(type)) return type.map(typeText).join(" | ");
  return typeof type === "string" ? type : "any";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
