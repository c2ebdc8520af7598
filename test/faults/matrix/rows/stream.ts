import assert from 'node:assert/strict';
import type { ChildHost } from '../../../harness/child-host.js';
import type { StatusOf } from '../../../harness/mock-host.js';
import { readTiming } from '../../../harness/verify-recording.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Theme } from '../fault-row.js';
import { readLogs } from '../read-logs.js';
import { assign, framesSoFar, record, recordingChild, stop, until } from '../steps.js';

type Stopped = StatusOf<'recording_stopped'>['data'];

interface Trouble {
  readonly fault: string;
  readonly injected: string;
  readonly expected: string;
  readonly how: string;
  readonly config?: object;
  /** What shows that it has happened. */
  readonly isOver: (host: ChildHost) => Promise<boolean>;
  readonly check: (stopped: Stopped, host: ChildHost) => string | Promise<string>;
}

/** The stream goes wrong for a while and the recording goes on. */
const row = ({ fault, injected, expected, how, config = {}, isOver, check }: Trouble): FaultRow => ({
  fault,
  injected,
  expected: `no device_error, the recording goes on; ${expected}`,
  async run(rig) {
    const host = await recordingChild(rig, { config });
    await rig.camera.misbehave(how);
    await until('the fault', () => isOver(host));
    await waitForFrames(host, (await framesSoFar(host)) + 10);
    const stopped = await stop(host);
    assert.equal(host.log.named('device_error').length, 0, 'no device_error');
    assert.equal(stopped.reason, 'command');
    assert.equal(stopped.dropped, 0);
    return { seen: await check(stopped, host) };
  },
});

async function statusOf(host: ChildHost): Promise<{ gaps: number; corrupt: number; frames: number }> {
  const { data } = await host.expect('status_report', { command: 'get_status' });
  const [camera] = data.cameras;
  const recording = camera?.recording;
  return { gaps: recording?.source_gaps ?? 0, corrupt: camera?.drops['corrupt'] ?? 0, frames: recording?.frames ?? 0 };
}

const hasGap = async (host: ChildHost): Promise<boolean> => (await statusOf(host)).gaps > 0;
const hasCorruption = async (host: ChildHost): Promise<boolean> => (await statusOf(host)).corrupt > 0;
const hasFrames =
  (frames: number) =>
  async (host: ChildHost): Promise<boolean> =>
    (await statusOf(host)).frames >= frames;

/** Everything but a long stall of this machine: then the camera loses frames of its own accord, and that is counted too. */
function assertGaps(stopped: Stopped, least: number): void {
  assert(stopped.source_gaps >= least, `source_gaps is ${stopped.source_gaps} and should be ${least}`);
}

async function rowsWithoutTime({ timing_path: path }: Stopped): Promise<number> {
  const rows = await readTiming(path ?? '');
  return rows.filter(({ sensorTimestampNs }) => sensorTimestampNs === 0n).length;
}

const MAX_TOOL_LINES = 60;

const rows: readonly FaultRow[] = [
  row({
    fault: 'a frame cut in its middle',
    injected: 'one frame stops half way, the next one follows',
    expected: 'the half frame is thrown away, logged as corrupt, and counted as one source gap',
    how: 'cut-frame=3',
    isOver: hasGap,
    async check(stopped, host) {
      assertGaps(stopped, 1);
      await until('a line with the reason corrupt', async () =>
        (await readLogs(host.logDir)).drops.some(({ reason }) => reason === 'corrupt'),
      );
      return `source_gaps ${stopped.source_gaps}`;
    },
  }),
  row({
    fault: 'garbage between two frames',
    injected: '100,000 bytes of no sense before a frame',
    expected: 'logged as corrupt, no frame is lost',
    how: 'garbage-at=3:100000',
    isOver: hasCorruption,
    check: (stopped) => `${stopped.frames} frames, source_gaps ${stopped.source_gaps}`,
  }),
  row({
    fault: 'frames lost at the source',
    injected: 'the camera drops 7 frames without a word',
    expected: 'source_gaps 7, found by the sensor timestamps, logged as source_gap',
    how: 'drop=3:7',
    isOver: hasGap,
    check(stopped) {
      assertGaps(stopped, 7);
      return `source_gaps ${stopped.source_gaps}`;
    },
  }),
  row({
    fault: 'metadata missing, from some frames',
    injected: 'two frames come without their block',
    expected: 'their sensor_timestamp_ns is 0, the others are paired rightly',
    how: 'no-metadata-at=3:2',
    isOver: hasFrames(30),
    async check(stopped) {
      const without = await rowsWithoutTime(stopped);
      assert.equal(without, 2);
      return `${without} of ${stopped.frames} rows without a sensor timestamp`;
    },
  }),
  row({
    fault: 'metadata in pieces',
    injected: 'each line of a block is a write of its own',
    expected: 'every row has its timestamp',
    how: 'metadata-in-pieces',
    isOver: hasFrames(30),
    async check(stopped) {
      assert.equal(await rowsWithoutTime(stopped), 0);
      return 'every row has its timestamp';
    },
  }),
  row({
    fault: 'SensorTimestamp missing',
    injected: 'blocks without it',
    expected: 'sensor_timestamp_ns is 0 from there on',
    how: 'no-sensor-timestamp',
    isOver: hasFrames(30),
    async check(stopped) {
      const without = await rowsWithoutTime(stopped);
      assert(without > 0, 'rows without a timestamp');
      return `${without} of ${stopped.frames} rows without a sensor timestamp`;
    },
  }),
  ...(
    [
      ['stand still', 'ten frames carry one timestamp', 'stamps-stand=3:10', 9],
      ['run backwards', 'the timestamps of ten frames run backwards', 'stamps-back=3:10', 9],
      ['swapped in pairs', 'five pairs of frames carry the timestamp of the other', 'stamps-swapped=3:10', 5],
      ['jump once by two hours', 'one timestamp is two hours ahead', 'stamps-wild=3:1', 1],
    ] as const
  ).map(([name, injected, how, disordered]) =>
    row({
      fault: `timestamps ${name}`,
      injected,
      expected: `no frame is counted as lost; the warning timestamps_disordered, once; ${disordered} of them counted`,
      how,
      isOver: hasFrames(100), // the sensor's time counts again by then
      check(stopped, host) {
        const warnings = host.log.named('warning').filter(({ data }) => data.code === 'timestamps_disordered');
        assert.equal(warnings.length, 1);
        assert.equal(stopped.timestamps_disordered, disordered);
        return `timestamps_disordered ${disordered}, source_gaps ${stopped.source_gaps}`;
      },
    }),
  ),
  row({
    fault: 'end of image inside a header',
    injected: 'FF D9 in a segment of each frame, as in a thumbnail',
    expected: 'no frame is cut there',
    how: 'eoi-in-header',
    isOver: hasFrames(30),
    check: (stopped) => `${stopped.frames} frames, source_gaps ${stopped.source_gaps}`,
  }),
  row({
    fault: 'stderr flood while recording',
    injected: '20,000 error lines a second on stderr',
    expected: `at most ${MAX_TOOL_LINES} of them in csicameras.log`,
    how: 'flood-stderr=20000',
    isOver: hasFrames(60),
    async check(stopped, host) {
      const { application } = await readLogs(host.logDir);
      const lines = application.filter(({ msg }) => msg === 'The capture tool wrote to stderr.').length;
      assert(lines <= MAX_TOOL_LINES, `${lines} lines in csicameras.log`);
      return `${stopped.frames} frames; ${lines} lines of the tool in the log`;
    },
  }),
  row({
    fault: 'slower than the camera on purpose',
    injected: 'recording.fps is 10, the camera gives 30',
    expected: 'two of three frames are skipped and counted',
    how: '',
    config: { recording: { fps: 10 } },
    isOver: hasFrames(20),
    check(stopped) {
      assert(stopped.skipped >= stopped.frames, `skipped ${stopped.skipped}`);
      return `skipped ${stopped.skipped} of ${stopped.delivered}`;
    },
  }),
  {
    fault: 'metadata missing, from all frames',
    injected: 'the capture tool gives none',
    expected: 'the warning metadata_missing, once; a whole recording with sensor_timestamp_ns 0',
    async run(rig) {
      const host = await rig.child({ misbehaviours: 'no-metadata' });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 20);
      const stopped = await stop(host);
      assert.equal(await rowsWithoutTime(stopped), stopped.frames);
      const warnings = host.log.named('warning').filter(({ data }) => data.code === 'metadata_missing');
      assert.equal(warnings.length, 1);
      return { seen: `warning metadata_missing; ${stopped.frames} frames` };
    },
  },
  {
    fault: 'first frames withheld',
    injected: 'the camera starts 1.5 s late and withholds 9 frames, as a Pi does',
    expected: 'device_ready with the first frame, no device_error',
    async run(rig) {
      const host = await rig.child({ misbehaviours: 'start-delay=1500,withhold-frames=9' });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 5);
      await stop(host);
      assert.equal(host.log.named('device_error').length, 0);
      return { seen: 'device_ready, a whole recording' };
    },
  },
  {
    fault: 'another size than was asked for',
    injected: 'the camera gives 640x480 where 1280x720 was asked for, without a word',
    expected: 'the warning stream_adjusted; size of the video by the frames',
    async run(rig) {
      const config = { camera: { width: 1280, height: 720 } };
      const host = await rig.child({ config, misbehaviours: 'give-size=640x480' });
      const ready = await assign(host);
      assert.deepEqual([ready.data.width, ready.data.height], [640, 480]);
      const warning = await host.log.wait('warning', ({ data }) => data.code === 'stream_adjusted');
      await record(host, rig.session());
      await waitForFrames(host, 5);
      await stop(host);
      return { seen: `${warning.data.code}; 640x480` };
    },
  },
];

export const stream: Theme = { title: 'Stream gone wrong', rows };
