import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

const MIB = 1024 * 1024;
/** Share of the hard limit. A growing array briefly needs two and a half times its size, and that must still fit. */
const SHARE = 1 / 3;

/**
 * Ends this thread by an exception when its heap holds more than a third of the hard limit after a full collection.
 * At the hard limit itself, V8 ends only the thread if a small object does not fit. If a large one (a growing
 * array, map or table) does not fit, V8 ends the whole process and with it all cameras. A leak is caught here long
 * before that. A bug that allocates everything within one turn is not caught.
 */
export function endThreadOfLeak(maxOldGenerationSizeMb: number): void {
  const limitBytes = maxOldGenerationSizeMb * MIB * SHARE;
  const observer = new PerformanceObserver((list) => {
    if (!list.getEntries().some((entry) => 'detail' in entry && isFullCollection(entry.detail))) return;
    const usedBytes = getHeapStatistics().used_heap_size;
    if (usedBytes <= limitBytes) return;
    const [used, limit] = [usedBytes, limitBytes].map((bytes) => Math.round(bytes / MIB));
    throw new Error(`its objects take ${used} MiB, the memory limit is ${limit} MiB`);
  });
  observer.observe({ entryTypes: ['gc'] });
}

function isFullCollection(detail: unknown): boolean {
  if (typeof detail !== 'object' || detail === null || !('kind' in detail)) return false;
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
