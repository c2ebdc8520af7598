/** Whether and how a stream is synchronised with other cameras. */
import { type Misbehaviours } from '../misbehaviours.js';
import { type ToolOptions } from '../options/vid-options.js';
import { say } from '../output.js';
import { type Settled } from '../sensor/settle.js';
import { type FrameSync, frameSyncOf } from './frame-sync.js';

/** The real cameras meet at a multicast address, port 10000. This one is free on most machines. */
const DEFAULT_PORT = '26710';
const DEFAULT_FRAMES = '100';

/**
 * `undefined` for a stream of its own. Without a rate limit too: its frames are as many as are read. `shortestUs`: the
 * shortest frame that the camera can do, microseconds.
 */
export function openSync(
  { sync: role, verbose }: ToolOptions,
  asked: Misbehaviours,
  { sensor }: Settled,
  { fps, shortestUs }: { readonly fps: number; readonly shortestUs: number },
): FrameSync | undefined {
  if (role === 'off' || asked.get('rate') === 'unlimited') return undefined;
  const ownUs = 1_000_000 / fps;
  return frameSyncOf({
    role,
    port: Number(asked.get('sync-port') ?? DEFAULT_PORT),
    fps,
    shortestUs: Math.min(ownUs, shortestUs),
    longestUs: Math.max(ownUs, sensor.maxExposureUs),
    countedFrames: Number(asked.get('sync-frames') ?? DEFAULT_FRAMES),
    slowPpm: Number(asked.get('sync-ppm') ?? 0),
    complain: say,
    inform: (line) => {
      if (verbose > 0) say(line);
    },
  });
}
