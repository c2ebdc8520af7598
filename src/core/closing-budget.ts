/**
 * The time budget for closing, ms: how long closing may take as a whole, and how much each step leaves for the steps
 * after it. `docs/architecture.md` shows the budget as a table. The field host waits 900 ms for `device_unassigned`
 * and 2 s for the exit.
 */

/** Within this time of the order, the camera and its thread are closed and the order is answered. */
export const UNASSIGN_MS = 950;
export const SHUTDOWN_CAMERAS_MS = 1_500;
/** After the cameras, the logs are flushed, then the output that still waits for the host. */
export const SHUTDOWN_LOGS_MS = 250;
export const SHUTDOWN_STDOUT_MS = 200;

/**
 * A camera whose thread has not answered is given up this long before its deadline, so `device_unassigned` goes out
 * in time.
 */
export const OVERDUE_RESERVE_MS = 150;
/**
 * The capture process must be gone and the run answered this long before the camera's deadline. The thread still has
 * to end afterwards.
 */
export const THREAD_RESERVE_MS = 200;
/** A run's answer goes out this long before the run's deadline, even if other work is unfinished. */
export const ANSWER_RESERVE_MS = 50;
/** The recording and the capture process end this long before that answer, because the answer states what was lost. */
export const FILES_RESERVE_MS = 50;
/**
 * So long the end of a recording waits for its info files when its other files are final, and never beyond the moment at
 * which the recording would be given up. A card that other cameras write to may take a second to sync.
 */
export const INFO_FILES_MS = 2_000;
/**
 * A thread that was asked to end is abandoned this long before its deadline, because its end still has to be
 * reported.
 */
export const ABANDON_RESERVE_MS = 200;
/** The thread's pipeline ends this long before the thread is abandoned. */
export const PIPELINE_RESERVE_MS = 50;
/** Files that a dead thread left open are closed this long before its deadline. */
export const TAKES_RESERVE_MS = 50;
