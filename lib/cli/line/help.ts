/**
 * The help texts: one short page for all, one for each command, with examples.
 */
import type { CommandName } from "./read_arguments.ts";

const SELECTION = `  --stop-before ACTOR  run what comes before an actor
  --stop-after ACTOR   run up to an actor
  --one-step           run the first actor only`;

const FLOW = `  --set NAME=VALUE     give a parameter of the flow a value (any number of times)
  --in NAME=FILE       give an input of the flow a file, or - for standard input
  --env-file FILE      variables for parameters with "env", where the environment has none
  --cwd DIR            where relative paths of the flow start (default: the flow file's folder)
  --expand             a line for each instance of an actor with "each", not one for all of them
  --no-color           no colours (NO_COLOR does the same)`;

export const GENERAL_HELP = `sluice runs a flow: a graph of processes, joined by pipes.

Usage:
  sluice [FLOW [ACTOR…]]    run a flow file (- for standard input; a folder, by default this one, for its
                            flow.json), or only what some actors need
  sluice watch FLOW         run it, and again whenever a file that it reads has changed
  sluice check FLOW         find mistakes; tell how each edge is carried
  sluice tree FLOW          print the dependency tree
  sluice graph FLOW         print a picture (mermaid, dot or svg)
  sluice messages FLOW      print what actors say to each other
  sluice schema             print the JSON Schema of flow files
  sluice init [DIR]         write a small flow to start from
  sluice import SCRIPT      turn a shell script into a flow
  sluice ui DB              show captured runs as a page in the browser
  sluice inspect DB         look into captured runs (sluice FLOW --db DB captures one)
  sluice cache              list or trim what actors with "cache" have written
  sluice completion SHELL   print completion for bash, zsh or fish
  sluice COMMAND --help     more about a command

Examples:
  sluice flow.json
  seq 10 | sluice flow.json --set suffix='!'
  sluice graph flow.json --format svg > flow.svg
`;

export const COMMAND_HELP: Readonly<Record<CommandName, string>> = {
  run:
    `Run a flow, or only what the named actors need. Standard output gets the flow's output and nothing else.

Usage: sluice [run] FLOW [ACTOR…] [options]

${FLOW}
  --start eager|lazy   start all actors at once, or each when its inputs have begun
  -j, --processes N    run at most N processes at a time, in dependency order
  --keep-going         when an actor fails, finish what does not need it
${SELECTION}
  --dry-run            print what would be started, and start nothing
  --db FILE            capture the run and every stream in an SQLite database (see sluice inspect)
  --load-state FILE    go on from the newest run in a database: what it has built is not run again
  --save-state FILE    the same as --db, for a run to go on from
  --resume             go on with the run that --db captured last: what is complete is not run again
  --no-cache           run actors with "cache" too, and keep what they write anew
  --events FILE        write what happens as NDJSON (- for standard error)
  --log FILE           write what is told into a file, with times; --log-format json for events instead of text
                       (also by a name that ends in .json), --log-size 10MiB to begin anew: FILE.1 to FILE.5 are kept
  --ui [HOST:PORT]     show the run as a page in the browser while it goes on; its address is printed
  --ui-control         let the page pause, resume and stop actors
  --ui-stay            keep the page when the run is over, until Ctrl-C
  --report FILE        write the run as one file of HTML at its end
  --check-messages     hold messages against what actors emit and accept: what is not so is not delivered, exit 1
  --otlp URL           send the run as a trace, and figures, to an OpenTelemetry collector (OTLP over HTTP)
  --endpoint ADDRESS   listen there for other programs, not where the flow says: tcp://*:5001, ipc:///run/flow.sock
  --until signal       keep serving messages until a signal comes (default: until nothing is left to be done)
  --json               print the result, and nothing else, as one JSON object on standard error
  -q, --quiet          no progress

Exit codes: 0 done, 1 an actor failed, 2 bad usage or bad flow (nothing was started), 3 a deadlock that
cannot be resolved, 4 a limit of time was reached, 128+n ended by signal n.

Examples:
  sluice flow.json
  sluice flow.json counts            only what the actor "counts" needs; its output is printed
  sluice flow.json --stop-after sort
  sluice flow.json --json 2> result.json
`,
  watch:
    `Run a flow, and again whenever a file that it reads has changed: the flow file, "file" actors, files that
commands name, files of sets and tables, and what actors with "cache" have read. What still runs is stopped first.
With "cache" only what depends on the change is run. Ctrl-C ends it.

Usage: sluice watch FLOW [ACTOR…] [options]

${FLOW}
  --start eager|lazy   start all actors at once, or each when its inputs have begun
  --processes N        run at most N processes at a time, in dependency order
${SELECTION}
  --db FILE            capture each run in an SQLite database
  --no-cache           run actors with "cache" too, and keep what they write anew
  --check-messages     hold messages against what actors emit and accept: what is not so is not delivered
  --json               print each result as one JSON object on standard error
  -q, --quiet          no progress, and no line that tells why it runs again

Example: sluice watch flow.json
`,
  check: `Find mistakes in a flow, tell how each edge is carried and why, and what a shell would hang on.

Usage: sluice check FLOW [options]

${FLOW}
  --start eager|lazy   plan for this start
  -j, --processes N    plan for at most N processes at a time
  --json               print actors, edges and hazards as JSON

Example: sluice check flow.json
`,
  tree: `Print the dependency tree of a flow's outputs.

Usage: sluice tree FLOW [options]

${FLOW}
  --db FILE            show what is built in the run that was captured last: --resume does not run it again

Example: sluice tree flow.json --db run.db
`,
  graph: `Print a picture of a flow.

Usage: sluice graph FLOW [--format mermaid|dot|svg] [options]

${FLOW}
  --db FILE            draw the messages of the run that was captured last, not those that the flow tells of

Example: sluice graph flow.json --format svg > flow.svg
`,
  messages:
    `Print what each message actor accepts, emits, publishes and subscribes, and who is at the other end.

Usage: sluice messages FLOW [ACTOR] [options]

${FLOW}
  --json               print the same as JSON, with the fields of messages as JSON Schemas

Example: sluice messages flow.json account
`,
  schema: `Print the JSON Schema of flow files, for editors.

Usage: sluice schema

Example: sluice schema > flow.schema.json
`,
  init: `Write a small flow to start from.

Usage: sluice init [DIR]

Example: sluice init my-flow
`,
  import:
    `Print a shell script or pipeline as a flow. Put it into the folder where the script would run. What a flow
cannot say is left to a shell, as an actor of its own, and named with its place on standard error.

Usage: sluice import SCRIPT
       sluice import -c 'PIPELINE'

Examples:
  sluice import report.sh > flow.json
  sluice import -c 'sort words.txt | uniq -c | tee >(wc -l > count.txt) | sort -nr > top.txt'
`,
  completion: `Print the completion of commands, options, files and actors for a shell.

Usage: sluice completion bash|zsh|fish

Examples:
  source <(sluice completion bash)     in ~/.bashrc
  source <(sluice completion zsh)      in ~/.zshrc, behind compinit
  sluice completion fish > ~/.config/fish/completions/sluice.fish
`,
  cache: `List or trim the cache: what actors with "cache": true have written. It is in SLUICE_CACHE, or in
~/.cache/sluice; after a run it is trimmed to SLUICE_CACHE_SIZE bytes, or 10 GiB.

Usage: sluice cache [list | trim | clear] [options]

  list                 print what is there, what was used last first (also without a word)
  trim --max SIZE      remove what was not used for the longest time, until the rest fits
  trim --unused TIME   remove what was not used for so long, such as 12h
  clear                remove everything
  --json               print the same as JSON
  --no-color           no colours (NO_COLOR does the same)

Examples:
  sluice cache
  sluice cache trim --max 1GiB
`,
  ui: `Show a captured run as a page in the browser, until Ctrl-C: the graph, the time line, standard errors,
messages, the bytes of streams. Its address, with a token, is printed on standard error.

Usage: sluice ui DB [RUN] [options]

  RUN                  the run with this number, or whose identity begins so (default: the newest)
  --listen HOST:PORT   serve it there (default: on this machine only, at a free port)
  --report FILE        write the page as one file of HTML instead, which needs no server
  --no-color           no colours (NO_COLOR does the same)

Examples:
  sluice ui run.db
  sluice ui run.db 3 --report run.html
`,
  inspect: `Look into a database of captured runs.

Usage: sluice inspect DB [STREAM] [options]

  DB                   print its runs, the newest first
  DB STREAM            write the bytes of a stream, such as sort or split.audit, to standard output
  --run N              the run with this number, or whose identity begins so (default: the newest); without a
                       stream, print its tree with states, sizes and times
  --diff A B           tell how two runs differ: actors, streams, the first byte that is not the same
  --expand             a line for each instance of an actor with "each", not one for all of them
  --json               print the same as JSON
  --no-color           no colours (NO_COLOR does the same)

Examples:
  sluice flow.json --db run.db
  sluice inspect run.db
  sluice inspect run.db --run 1
  sluice inspect run.db sort | head
  sluice inspect run.db --diff 1 2
`,
};
