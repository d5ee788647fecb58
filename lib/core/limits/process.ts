/**
 * What bounds processes: how often they are looked at, how long they are waited for.
 */

/** How often within its limit an actor that may stall is looked at. */
export const STALL_LOOKS = 10;
/** How seldom at most. */
export const STALL_LOOK_MAX_MS = 60_000;

/** How often the processes of actors with limits are looked at, and how soon again when one seems to be over. */
export const LIMIT_LOOK_MS = 20;
export const LIMIT_LOOK_AGAIN_MS = 3;

/** What share of the time may go into looks at limits: many processes are looked at less often. */
export const LIMIT_LOOK_SHARE = 0.05;

/** A killed process that was seen with this share of its processor time has reached the limit: two clocks count it. */
export const CPU_REACHED_SHARE = 0.9;
/** The same of one that nobody is told of how it ended: the clocks were seen to differ by a fifth on a busy machine. */
export const CPU_UNSEEN_SHARE = 0.7;

/** How often the standard errors that have said nothing yet are looked at. */
export const QUIET_LOOK_MS = 30;

/** A longer line on an actor's stderr is shown in pieces of this length. */
export const STDERR_LINE_BYTES_MAX = 16 * 1024;

/** After what time a line that has begun and not ended, such as a prompt, is shown to whoever looks. */
export const OPEN_LINE_SHOWN_MS = 100;
/** How often one that is written anew again and again, such as a bar of progress, is told where nobody looks. */
export const OPEN_LINE_LOG_MS = 5_000;

/** How many of an actor's last stderr lines a failure shows. */
export const STDERR_LAST_LINES = 10;

/** Time between SIGTERM and SIGKILL unless the flow says otherwise. */
export const GRACE_MS = 5_000;

/** The wait before a failed actor is run again, unless the flow says otherwise, and the longest there is. */
export const RETRY_BACKOFF_MS = 100;
export const RETRY_BACKOFF_MAX_MS = 5 * 60_000;
/** How often a wait doubles: the longest is reached by then, and many more doublings of none are no number. */
export const BACKOFF_DOUBLINGS_MAX = 60;

/** How often running processes are looked at: memory, progress, streams closed early. */
export const SAMPLE_MS = 200;

/** How often processes that came during a look for those of a run are looked at, too. */
export const MARKED_LOOKS_MAX = 5;

/** Up to so many numbers each is tried whether it is a process of the run; to list all costs as much as some hundreds. */
export const MARKED_TRIES_MAX = 300;

/** How long a process without an environment that holds an output is taken to be becoming another program. */
export const UNCLEAR_MS = 1_000;

/** How long it is waited for such a process before what is left of a run is ended, and how often it is looked at. */
export const SWEEP_UNCLEAR_MS = 100;
export const SWEEP_UNCLEAR_LOOK_MS = 5;

/** How soon it is looked again whether a process still writes to an output of the flow, when everything else has ended. */
export const HELD_LOOK_FIRST_MS = 5;

/**
 * How long an actor that has ended waits for the end of its stderr, which others may keep open; and how long the run
 * waits at last for what they have written there.
 */
export const STDERR_DRAIN_MS = 500;

/** How many start between two looks at what has ended. */
export const STARTS_PER_TURN = 4;

/** Attempts to end what escaped, before the engine gives up and says what is left. */
export const SWEEPS_MAX = 50;

/** How the folders of runs in the system's temporary folder begin; the engine's process id follows. */
export const RUN_FOLDER_PREFIX = "sluice-";

/** How many processes are looked at in one turn of the sampler. */
export const SAMPLED_MAX = 256;

/** How often it is looked whether processes that were told to end have ended. */
export const STOP_POLL_MS = 20;

/** What the system can be asked to wait in one go; a timer may be due later. */
export const WAIT_MS_MAX = 2 ** 31 - 1;

/** Failures that the result of a run holds; further ones are told when they happen. */
export const FAILURES_MAX = 10_000;

/** Programs of which is remembered where they were found. */
export const PROGRAMS_MAX = 1000;

/** How long it is looked, each time, at what processes wait for, when somebody wants to see it: many take turns. */
export const WAITS_LOOK_MS = 4;

/** What may be free on a disk that is named as the full one of which an actor tells. */
export const NEARLY_FULL_BYTES = 64 * 1024 * 1024;
