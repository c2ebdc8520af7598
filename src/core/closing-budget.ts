/**
 * The budget of an end, ms: how long it may take as a whole, and what each step leaves for those after it. `docs/architecture.md`
 * has it as a table. The field host waits 900 ms for `device_unassigned` and 2 s for the exit.
 */

/** From the order to the moment by which a camera with its thread is answered for. */
export const UNASSIGN_MS = 1_000;
export const SHUTDOWN_CAMERAS_MS = 1_550;
/** Then the logs are written, and what waits for the host. */
export const SHUTDOWN_LOGS_MS = 300;
export const SHUTDOWN_STDOUT_MS = 200;

/** A camera whose thread has not answered is given up this much before its end: `device_unassigned` must go out in time. */
export const OVERDUE_RESERVE_MS = 150;
/** The capture process is to be gone, and the run answered for, this much before its camera's end: the thread has still to end. */
export const THREAD_RESERVE_MS = 250;
/** A run's answer goes out this much before the run's end, whatever is still under way; */
export const ANSWER_RESERVE_MS = 50;
/** recording and capture process end this much before that: what was lost has to be told. */
export const FILES_RESERVE_MS = 50;
/** A thread that is asked to end is abandoned this much before its end: it has to be answered for; */
export const ABANDON_RESERVE_MS = 200;
/** its pipeline ends this much before that. */
export const PIPELINE_RESERVE_MS = 50;
/** What a dead thread left open is closed this much before its end. */
export const TAKES_RESERVE_MS = 50;
