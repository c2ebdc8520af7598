/** What is given up under load, in this order, and restored in reverse order. Recording is never given up. */
export const LOAD_LEVELS = ['normal', 'previewThinned', 'previewPaused', 'reportingSlowed'] as const;

export type LoadLevel = (typeof LOAD_LEVELS)[number];

/** Heartbeats and figures become this many times rarer on the last level: every 2 s becomes every 10 s. */
export const SLOWED_REPORTING_FACTOR = 5;
