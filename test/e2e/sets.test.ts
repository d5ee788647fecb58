/** Actors over sets, as a user runs them. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, startCommand } from "./rig.ts";

/** Logs, counted one by one and by level, and one sum. */
const LOGS = {
  sets: { log: { files: "logs/*.gz" }, level: { values: ["warn", "error"] } },
  actors: {
    raw: { each: "log", file: "{log.path}" },
    text: { each: "log", run: ["gzip", "-dc"], in: "raw", cache: true },
    count: { each: ["log", "level"], run: ["sh", "count.sh", "{level}"], in: "text", cache: true },
    total: { run: ["awk", "{ sum += $1 } END { print sum }"], in: "count" },
  },
  limits: { processes: 2 },
  out: { "report.txt": "total", "counts/{log.stem}-{level}.txt": "count", "-": "count" },
};
const COUNT = 'echo "$1" "$SLUICE_EACH_LOG_NAME" >> ran; grep -c "$1" || true';

function makeLogs(flow: object = LOGS): string {
  const folder = makeFolder({ "flow.json": flow, "count.sh": COUNT, "logs/none": "" });
  for (const [name, text] of [["a", "warn\nerror\nwarn\n"], ["b", "error\n"], ["c", ""]] as const) {
    writeFileSync(join(folder, `logs/${name}.log.gz`), gzipSync(text));
  }
  return folder;
}

/** What ran, as the script has noted it. */
function takeRan(folder: string): readonly string[] {
  const file = join(folder, "ran");
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").sort() : [];
  rmSync(file, { force: true });
  return lines;
}

describe.each(runtimes)("sets on $name", (runtime) => {
  it("make an instance for each member, and a file of out for each", async () => {
    const folder = makeLogs();
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "2\n1\n0\n1\n0\n0\n", stderr: "" });
    expect(readFileSync(join(folder, "report.txt"), "utf8")).toBe("4\n");
    const counts = readdirSync(join(folder, "counts")).sort();
    expect(counts.map((name) => `${name} ${readFileSync(join(folder, "counts", name), "utf8").trim()}`))
      .toEqual([
        "a-error.txt 1",
        "a-warn.txt 2",
        "b-error.txt 1",
        "b-warn.txt 0",
        "c-error.txt 0",
        "c-warn.txt 0",
      ]);
  });

  it("run again what has changed and what is new, and nothing else", async () => {
    const folder = makeLogs();
    await run(runtime, [join(folder, "flow.json")]);
    expect(takeRan(folder)).toHaveLength(6);
    await run(runtime, [join(folder, "flow.json")]);
    expect(takeRan(folder)).toEqual([]);
    // One before the others, so that the numbers of all members change.
    writeFileSync(join(folder, "logs/0.log.gz"), gzipSync("new\n"));
    writeFileSync(join(folder, "logs/b.log.gz"), gzipSync("warn\n"));
    const { stdout } = await run(runtime, [join(folder, "flow.json"), "total"]);
    expect({ stdout, ran: takeRan(folder) }).toEqual({
      stdout: "4\n",
      ran: ["error 0.log.gz", "error b.log.gz", "warn 0.log.gz", "warn b.log.gz"],
    });
  });

  it("are addressed by instance and by actor", async () => {
    const folder = makeLogs();
    const flow = join(folder, "flow.json");
    const stdoutOf = async (...args: string[]): Promise<string> =>
      (await run(runtime, [flow, ...args])).stdout;
    expect(await stdoutOf("count[logs/a.log.gz,error]")).toBe("1\n");
    expect(await stdoutOf("count")).toBe("2\n1\n0\n1\n0\n0\n");
    expect(await stdoutOf("--stop-after", "text")).toBe("warn\nerror\nwarn\nerror\n");
    expect(await stdoutOf("--stop-before", "count")).toBe("warn\nerror\nwarn\nerror\n");
    expect(await stdoutOf("--stop-before", "count[logs/b.log.gz,warn]")).toBe("2\n1\nerror\n");
    expect(await stdoutOf("--one-step")).toBe("warn\nerror\nwarn\nerror\n");
    const { code, stderr } = await run(runtime, [flow, "count[b,error]"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        'Cannot select "count[b,error]": actor "count" has no such instance (instances: count[logs/a.log.gz,warn], ',
      ),
    });
  });

  it("are captured, inspected and loaded by instance", async () => {
    const folder = makeLogs();
    const [flow, db] = [join(folder, "flow.json"), join(folder, "run.db")];
    await run(runtime, [flow, "--db", db]);
    takeRan(folder);
    const stream = await run(runtime, ["inspect", db, "text[logs/a.log.gz]"]);
    expect(stream.stdout).toBe("warn\nerror\nwarn\n");
    const loaded = await run(runtime, [flow, "total", "--load-state", db, "--no-cache"]);
    expect({ stdout: loaded.stdout, stderr: loaded.stderr, ran: takeRan(folder) })
      .toEqual({ stdout: "4\n", stderr: "", ran: [] });
    const resumed = await run(runtime, [flow, "count", "--resume", "--db", db, "--no-cache"]);
    expect({ stdout: resumed.stdout, ran: takeRan(folder) }).toEqual({
      stdout: "2\n1\n0\n1\n0\n0\n",
      ran: [],
    });
  });

  it("are the same for --resume and --load-state when only their numbers have changed", async () => {
    const note = 'echo "$1" >> ran; cat';
    const actors = {
      raw: { each: "f", file: "{f.path}" },
      plain: { each: "f", run: ["sh", "-c", note, "sh", "plain {f.stem}"], in: "raw" },
      script: { each: "f", run: ["sh", "note.sh", "script {f.stem}"], in: "raw" },
      numbered: { each: "f", run: ["sh", "-c", note, "sh", "numbered {f.stem} {f.index}"], in: "raw" },
      named: { each: "f", run: ["sh", "number.sh", "named {f.stem}"], in: "raw" },
    };
    const folder = makeFolder({
      "flow.json": { sets: { f: { files: "*.txt" } }, actors },
      "note.sh": note,
      "number.sh": `${note}; : $SLUICE_EACH_F_INDEX`,
      "b.txt": "b\n",
      "c.txt": "c\n",
    });
    const args = [join(folder, "flow.json"), "--db", join(folder, "run.db")];
    await run(runtime, args);
    expect(takeRan(folder)).toHaveLength(8);
    writeFileSync(join(folder, "a.txt"), "a\n");
    const again = [
      "named a",
      "named b",
      "named c",
      "numbered a 0",
      "numbered b 1",
      "numbered c 2",
      "plain a",
      "script a",
    ];
    for (const how of [["--load-state", join(folder, "run.db")], [...args.slice(1), "--resume"]]) {
      const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), ...how]);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "a\nb\nc\n".repeat(4) });
      expect(takeRan(folder), how[0]).toEqual(again);
    }
  });

  it("work with every key of an actor: ports, retries, workers, limits, environment, folders", async () => {
    const folder = makeFolder({
      "one/in.txt": "3\n1\n",
      "two/in.txt": "2\n",
      "flow.json": {
        sets: { d: { values: ["one", "two"] }, n: { range: [1, 2] } },
        actors: {
          file: { each: "d", file: "{d}/in.txt" },
          value: { each: "n", value: { n: "{n}" } },
          sorted: { each: "d", run: ["sort"], in: "file", cwd: "{d}", limits: { files: 32 } },
          copies: { each: "d", run: ["cat"], in: "sorted", workers: 2 },
          again: {
            each: "d",
            sh:
              'test -e tried || { touch tried; exit 1; }; cat; echo "$SLUICE_EACH_D $SLUICE_EACH_D_INDEX $E"',
            cwd: "{d}",
            in: "copies",
            env: { E: "{d.index}!" },
            retry: { max: 1, backoff: "0s" },
            timeout: "5m",
          },
          both: {
            each: ["d", "n"],
            run: ["sh", "-c", 'cat "$1" "$2"; cat >&4', "sh", "{in.left}", "{in.right}"],
            in: { stdin: "value", left: "again", right: { from: "value", as: "file" } },
            outputs: { log: 4 },
          },
          all: { run: ["cat"], in: "both.log" },
        },
        aliases: { ".end": ["both", "all"] },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    const one = "1\n3\none 0 0!\n";
    const two = "2\ntwo 1 1!\n";
    const [n1, n2] = ['{"n":"1"}\n', '{"n":"2"}\n'];
    expect({ code, stdout }, stderr)
      .toEqual({ code: 0, stdout: `${one}${n1}${one}${n2}${two}${n1}${two}${n2}${n1}${n2}${n1}${n2}` });
  });

  it("fail by instance; with onFailure: continue the others go on and keep their files", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: { n: { range: [1, 3] } },
        actors: { a: { each: "n", sh: 'test "$SLUICE_EACH_N" != 2 && echo "$SLUICE_EACH_N"' } },
        out: { "deep/er/{n}.txt": "a" },
        onFailure: "continue",
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Actor "a[2]" failed') });
    expect(readdirSync(join(folder, "deep/er")).sort()).toEqual(["1.txt", "3.txt"]);
  });

  it("leave no folder that was made for nothing", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: { n: { range: [1, 3] } },
        actors: { a: { each: "n", run: ["false"] } },
        out: { "deep/{n}/er.txt": "a" },
      },
    });
    expect((await run(runtime, [join(folder, "flow.json")])).code).toBe(1);
    expect(readdirSync(folder)).toEqual(["flow.json"]);
  });

  it("tell what the system lacks of all instances once", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: { n: { range: [1, 300] } },
        actors: { a: { each: "n", run: ["no-such-program", "{n}"] } },
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stderr: stderr.replaceAll(folder, "DIR").split("\n").slice(0, 2) }).toEqual({
      code: 2,
      stderr: [
        expect.stringMatching(/^DIR\/flow\.json:1:\d+ {2}actors\.a\.run\[0\]$/),
        '  Cannot run "no-such-program": there is no such program in PATH (install it, or give its path)',
      ],
    });
    expect(stderr).toContain("1 issue; nothing was started");
  });

  it("may have more members than there are descriptors, gathered for the cache and written one by one", {
    timeout: 180_000, // Hundreds of processes.
  }, async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: { n: { range: [1, 130] } },
        actors: {
          lines: { each: "n", run: ["seq", "{n}"] },
          count: { each: "n", run: ["wc", "-l"], in: "lines", cache: true, reads: [] },
          last: { run: ["tail", "-n", "1"], in: "count" },
        },
        out: { "-": "last", "lines/{n}.txt": "lines", "counts/{n}.txt": "count" },
      },
    });
    const command = ["bash", "-c", 'ulimit -n 128; exec setsid --wait "$@"', "bash", ...runtime.command];
    const { code, stdout, stderr } = await startCommand([...command, join(folder, "flow.json")]).ended;
    expect({ code, stdout: stdout.trim(), stderr }).toEqual({ code: 0, stdout: "130", stderr: "" });
    for (const name of ["lines", "counts"]) expect(readdirSync(join(folder, name))).toHaveLength(130);
    expect(readFileSync(join(folder, "counts/7.txt"), "utf8").trim()).toBe("7");
  });

  it("are rows of tables, in three formats", async () => {
    const say = 'printf "%s\\n" "$SLUICE_EACH_ROW_NAME $SLUICE_EACH_ROW_URL"';
    const flowOf = (table: string): object => ({
      sets: { row: { table, key: "name" } },
      actors: { a: { each: "row", sh: say } },
    });
    const folder = makeFolder({
      "sites.csv": 'name,url\nada,"https://a/?x=1,2"\nbob,"say ""b"""\n',
      "sites.tsv": 'name\turl\nada\thttps://a/?x=1,2\nbob\tsay "b"\n',
      "sites.ndjson": '{"name":"ada","url":"https://a/?x=1,2"}\n{"name":"bob","url":"say \\"b\\""}\n',
      ...Object.fromEntries(
        ["csv", "tsv", "ndjson"].map((format) => [`${format}.json`, flowOf(`sites.${format}`)]),
      ),
    });
    for (const format of ["csv", "tsv", "ndjson"]) {
      const { code, stdout, stderr } = await run(runtime, [join(folder, `${format}.json`)]);
      expect({ code, stdout, stderr })
        .toEqual({ code: 0, stdout: 'ada https://a/?x=1,2\nbob say "b"\n', stderr: "" });
    }
  });

  it("may be empty", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: { f: { files: "none/*", optional: true } },
        actors: {
          a: { each: "f", file: "{f.path}" },
          b: { each: "f", run: ["wc", "-c"], in: "a" },
          c: { run: ["wc", "-l"], in: "b" },
        },
        out: { "-": "c", "all.txt": "b", "{f.name}": "b" },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout: stdout.trim(), stderr }).toEqual({ code: 0, stdout: "0", stderr: "" });
    expect(readdirSync(folder).sort()).toEqual(["all.txt", "flow.json"]);
    expect(readFileSync(join(folder, "all.txt"), "utf8")).toBe("");
  });
});
