import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

const MIB = 1024 * 1024;
/** Of the hard limit. An array that grows takes two and a half times its size for a moment: that must still fit. */
const SHARE = 1 / 3;

/**
 * Throws, so that this thread ends and nothing else, when what its heap holds after a full collection is more than a third of
 * the hard limit. At the hard limit itself V8 ends a thread only where a small object is what does not fit; a large one
 * (a growing array, map or table) ends the whole process, and all cameras with it. A leak comes by here long before; a
 * mistake that allocates everything within one turn does not.
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
