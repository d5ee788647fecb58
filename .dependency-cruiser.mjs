/**
 * Who may import whom: the layers of lib/, and the rooms of each layer. `npm run layers` checks it, types included.
 */

/** Each layer with those below that it may import. `lib/run` and `lib/cli` put everything together. */
const LAYERS = {
  core: [],
  host: ["core"],
  data: ["core", "host"],
  graph: ["core"],
  flow: ["core", "host"],
  pipe: ["core", "host", "data"],
  process: ["core", "host"],
  message: ["core", "host", "data"],
  zmtp: ["core", "data"],
  store: ["core", "host"],
  run: ["core", "host", "data", "graph", "flow", "pipe", "process", "message", "zmtp", "store"],
  report: ["core"],
  shell: ["core"],
};

/** The rooms of a layer: each imports only from those before it; those of a list also from each other. */
const ROOMS = {
  host: ["time", "files", "descriptors", "bytes", "spawn", "descriptor_io", "threads"],
  flow: ["schema", "read", ["expand", "check"], "use"],
  pipe: ["state", "life", "move", "workers", "split", "turns"],
  process: ["state", "proc", "stop", "start", "limits", "life", "trace"],
  message: [
    "wire",
    "mail",
    "link",
    "checks",
    "actors",
    "delivery",
    "lives",
    "records",
    "system",
    "handlers",
    "lines",
  ],
  store: ["capture", "cache"],
  run: [
    "pipes",
    "state",
    "deadlock",
    "relays",
    "reads",
    "capture",
    "logs",
    "cache",
    "wiring",
    "actors",
    "messages",
    "remotes",
    "spawned",
  ],
  report: ["text", "picture", "sinks", "telemetry", "web"],
  cli: ["line", "commands"],
};

/** Layers whose own files are what their rooms stand on; in all others they put the rooms together. */
const BASES = ["host"];

/** @param {readonly string[]} names */
const anyOf = (names) => `(${names.join("|")})`;

const layers = Object.entries(LAYERS).map(([layer, below]) => ({
  name: `${layer}-imports-downwards`,
  severity: "error",
  from: { path: `^lib/${layer}/` },
  to: { path: "^lib/", pathNot: `^lib/${anyOf([layer, ...below])}/` },
}));

const rooms = Object.entries(ROOMS).flatMap(([layer, names]) => {
  const isBase = BASES.includes(layer);
  const own = `^lib/${layer}/[^/]+\\.ts$`;
  const toPath = (name) => `^lib/${layer}/${name}/`;
  return [
    {
      name: `${layer}-has-these-rooms`,
      severity: "error",
      from: {},
      to: { path: `^lib/${layer}/`, pathNot: [...names.flat().map(toPath), own] },
    },
    ...isBase ? [ruleOf(`${layer}-is-a-base`, own, names.flat().map(toPath))] : [],
    ...names.flatMap((group, at) =>
      [group].flat().map((name) =>
        ruleOf(`${layer}-${name}-imports-what-is-before-it`, toPath(name), [
          ...names.slice(at + 1).flat().map(toPath),
          ...isBase ? [] : [own],
        ])
      )
    ),
  ];
});

/** @param {string} name @param {string} from @param {readonly string[]} to */
function ruleOf(name, from, to) {
  return { name, severity: "error", from: { path: from }, to: { path: to.length === 0 ? "^$" : to } };
}

export default {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    ...layers,
    ...rooms,
    {
      name: "nobody-imports-the-program",
      severity: "error",
      from: { path: "^lib/", pathNot: "^lib/cli/" },
      to: { path: "^lib/cli/" },
    },
    {
      name: "graph-is-pure",
      severity: "error",
      from: { path: "^lib/(core|graph)/" },
      to: { path: "^node:" },
    },
    {
      name: "execa-in-one-file",
      severity: "error",
      from: { path: "^lib/", pathNot: "/spawn\\.ts$" },
      to: { path: "node_modules/execa" },
    },
    {
      name: "tree-kill-in-one-file",
      severity: "error",
      from: { path: "^lib/", pathNot: "/stop_processes\\.ts$" },
      to: { path: "node_modules/tree-kill" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
