/**
 * How much is given up under load: each level gives up what the ones before it do, and more. Levels rise and fall one at a
 * time. Recording is never given up.
 */
export const LOAD_LEVELS = ['normal', 'previewThinned', 'previewPaused', 'reportingSlowed'] as const;

/** What is given up under load, from nothing (`normal`) to the most (`reportingSlowed`). Never the recording. */
export type LoadLevel = (typeof LOAD_LEVELS)[number];

/** On the last level, heartbeats and pipeline figures come this many times less often. */
export const SLOWED_REPORTING_FACTOR = 5;
