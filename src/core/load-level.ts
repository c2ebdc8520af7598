/** What is given up under load, in this order, and taken back in the reverse one. Recording is never on the list. */
export const LOAD_LEVELS = ['normal', 'previewThinned', 'previewPaused', 'reportingSlowed'] as const;

export type LoadLevel = (typeof LOAD_LEVELS)[number];

/** How much less often heartbeats and figures come on the last level: 2 s becomes 10 s. */
export const SLOWED_REPORTING_FACTOR = 5;
