import { expect, jest } from '@jest/globals';

/**
 * Suites that drive real processes: a test that fails in them is run once more, and what failed first is shown. They wait
 * for events, and their limits are wide; but machines with many tenants stop any process for seconds, and a camera, unlike
 * a test, does not wait. A defect fails twice. Everything else has one trial.
 */
const REAL_PROCESSES = /\/test\/(?:crash|faults|process|soak)\//;

if (REAL_PROCESSES.test(expect.getState().testPath ?? '')) jest.retryTimes(1, { logErrorsBeforeRetry: true });
