import * as fc from 'fast-check';

/** Loaded before each test file: the same runs every time, so that the gate is no lottery. `FC_SEED=random` plays it. */
const seed = process.env['FC_SEED'] ?? '20260106';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
