import * as fc from 'fast-check';
import type { SequenceRig } from './rig.js';

/** Something that happens while commands wait, run and fail: nobody waits for anything. */
export type Accident =
  | { readonly do: 'send'; readonly command: string; readonly [field: string]: unknown }
  | { readonly do: 'frames'; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** As many turns of the event loop: what is under way goes on by a little. */
  | { readonly do: 'turns'; readonly count: number }
  | { readonly do: 'lose'; readonly code: 'camera_disconnected' | 'frame_timeout'; readonly index: number | undefined }
  | { readonly do: 'refuse'; readonly isRefused: boolean }
  | { readonly do: 'breakDisk'; readonly operation: 'open' | 'mkdir' | 'writev' | null; readonly errno: string }
  /** The disk takes so many more blocks of 4 KiB. */
  | { readonly do: 'limitDisk'; readonly blocks: number }
  /** Capture processes that were started cannot be ended. */
  | { readonly do: 'getStuck' }
  | { readonly do: 'restart' };

const device = fc.constantFrom('picam:0', 'picam:0', 'picam:1', 'picam:2', 'picam:7', undefined);
const session = fc.constantFrom('session_1', 'session_2', '../outside', undefined);

const command = fc.oneof(
  fc.record({
    command: fc.constant('assign_device'),
    device_id: fc.constantFrom('picam:0', 'picam:1', 'picam:2'),
    session_dir: session,
    keep_trying: fc.constantFrom(true, false, undefined),
  }),
  fc.record({
    command: fc.constantFrom('start_recording', 'record', 'resume_recording'),
    device_id: device,
    session_dir: session,
    trial_number: fc.constantFrom(1, 2, undefined),
    // The clock begins at 1000 s: long ago, within the history, and too far ahead.
    start_mono_ns: fc.constantFrom(undefined, undefined, 7, '1000002000000000', '1001000000000', '1015000000000'),
  }),
  fc.record({ command: fc.constantFrom('stop_recording', 'pause'), device_id: device }),
  fc.record({ command: fc.constantFrom('unassign_device', 'take_snapshot'), device_id: device }),
  fc.record({
    command: fc.constantFrom('set_settings'),
    device_id: device,
    settings: fc.constantFrom({ gain: 2 }, { gain: null }, { fps: 10, hflip: true }, { gain: 0 }),
  }),
  fc.record({ command: fc.constantFrom('get_settings', 'fix_settings'), device_id: device }),
  fc.record({ command: fc.constantFrom('start_session'), session_dir: session }),
  fc.record({ command: fc.constantFrom('unassign_all_devices', 'stop_session', 'get_status', 'show_window', 'quit') }),
  fc.record({ command: fc.constantFrom('toggle_preview'), enabled: fc.constantFrom(true, false, 1) }),
);

export const ACCIDENTS: fc.Arbitrary<Accident> = fc.oneof(
  { weight: 8, arbitrary: command.map((fields) => ({ do: 'send', ...fields }) as const) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('frames' as const), count: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(50, 500, 3_000, 12_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      code: fc.constantFrom('camera_disconnected' as const, 'frame_timeout' as const),
      index: fc.constantFrom(0, 1, undefined),
    }),
  },
  fc.record({ do: fc.constant('refuse' as const), isRefused: fc.boolean() }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('breakDisk' as const),
      operation: fc.constantFrom('open' as const, 'mkdir' as const, 'writev' as const, null),
      errno: fc.constantFrom('ENOSPC', 'EIO', 'EACCES'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('limitDisk' as const), blocks: fc.constantFrom(0, 3, 20, 100_000) }),
  },
  fc.constantFrom({ do: 'getStuck' } as const, { do: 'restart' } as const),
);

export async function cause(rig: SequenceRig, accident: Accident): Promise<void> {
  switch (accident.do) {
    case 'send': {
      const { do: _, ...value } = accident;
      rig.send(value);
      return;
    }
    case 'frames':
      await rig.frames(accident.count, 'at once');
      return;
    case 'turns':
      await rig.turns(accident.count);
      return;
    case 'wait':
      await rig.wait(accident.ms);
      return;
    case 'lose':
      rig.lose(accident.code, accident.index);
      return;
    case 'refuse':
      rig.refuse(accident.isRefused ? 'camera_in_use' : undefined);
      return;
    case 'breakDisk':
      rig.breakDisk(accident.operation === null ? undefined : { operation: accident.operation, errno: accident.errno });
      return;
    case 'limitDisk':
      rig.disk.limitTo(accident.blocks);
      return;
    case 'getStuck':
      for (const stream of rig.source.streams) stream.closing = new Promise(() => {});
      return;
    case 'restart':
      await rig.stopModule();
      await rig.startModule();
  }
}
