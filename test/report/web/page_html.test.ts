import { expect, test } from "vitest";
import { formatPrometheus } from "../../../lib/report/telemetry/prometheus_text.ts";
import { embedRun, policyOf } from "../../../lib/report/web/page_html.ts";
import { pageOfPlan } from "../../../lib/report/web/page_of_plan.ts";
import { planOf } from "./plan_of.ts";

const HTML =
  '<style>a{}</style><script type="application/json" id="run">null</script><script type="module">go()</script>';
const START = { use: "report", engine: "e", pid: 1, mayControl: false, talks: [], at: 1 } as const;

test("embedRun() puts in a run that can end no script, whatever it says", () => {
  const bad = "</script><script>alert(1)</script><!-- $& $1 \u2028\u2029 &lt;";
  const run = pageOfPlan(planOf({ actors: { a: { run: ["echo", bad], explain: bad } } }), START);
  const html = embedRun(HTML, run);
  expect(html.match(/<\/?script/g)).toHaveLength(4);
  expect(html).not.toMatch(/[\u2028\u2029]|<!--/);
  const [, data = ""] = /id="run">([\s\S]*?)<\/script>/.exec(html) ?? [];
  expect(JSON.parse(data)).toEqual(run);
  expect(() => embedRun("<p>", run)).toThrow("no place");
});

test("policyOf() lets run what is in the page, and nothing else", () => {
  const policy = policyOf(HTML);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
  expect(policy).not.toMatch(/unsafe|https?:/);
});

test("formatPrometheus() names units and kinds, and escapes what is in labels", () => {
  expect(formatPrometheus([
    {
      name: "sluice.actor.io",
      unit: "By",
      description: 'Bytes\nof "a\\b".',
      kind: "counter",
      values: [{ attributes: { "sluice.actor.name": 'x"\\\n\ud800', "io.direction": "in" }, value: 1.5 }],
    },
    { name: "none", unit: "s", description: "", kind: "gauge", values: [] },
    {
      name: "sluice.now",
      unit: "{actor}",
      description: "Now.",
      kind: "gauge",
      values: [{ attributes: {}, value: 2 }],
    },
  ])).toBe(`# HELP sluice_actor_io_bytes_total Bytes\\nof "a\\\\b".
# TYPE sluice_actor_io_bytes_total counter
sluice_actor_io_bytes_total{sluice_actor_name="x\\"\\\\\\n\ufffd",io_direction="in"} 1.5
# HELP sluice_now Now.
# TYPE sluice_now gauge
sluice_now 2
`);
});
