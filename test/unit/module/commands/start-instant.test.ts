import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { checkCommand } from '../../../../src/protocol/command-check.js';
import type { StatusMessage } from '../../../../src/protocol/statuses.js';
import { healthy, healthyBut, OFFSET_NS, summaryOf } from '../../../harness/fake-pipeline.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

/** One instant for all the cameras of a start, and of a stop. */

const SESSION = '/data/session_1';
/** Now, on the clock of a rig that was just made. */
const T0 = 1_000_000_000_000n;
const S = 1_000_000_000n;
/** Just over what a start may take from its instant on, at 30 frames a second, ms. */
const OVERDUE_MS = 10_334;

let rig: ModuleRig;

/** Two cameras that are ready. */
async function started(clock?: ManualClock): Promise<void> {
  rig = moduleRig(healthy, clock);
  await rig.start();
  await rig.assign('picam:0', { session_dir: SESSION });
  await rig.assign('picam:1');
}

const instants = (deviceId = 'picam:0'): bigint[] =>
  rig.pipelines
    .of(deviceId)
    .told('startRecording')
    .map(({ order }) => order.startNs);

afterEach(() => rig.end());

describe('the instant of a start', () => {
  it('is one for all its cameras, and each says how long after it its first frame came', async () => {
    await started();
    await rig.clock.advance(250);
    await rig.ask('start_recording');
    expect([...instants('picam:0'), ...instants('picam:1')]).toEqual([T0 + S / 4n, T0 + S / 4n]);
    const said = rig.heard.named('recording_started').map(({ data }) => [data.start_mono_ns, data.offset_ns]);
    expect(said).toEqual([
      ['1000250000000', '4000001'],
      ['1000250000000', '4000001'],
    ]);
  });

  it('comes when what the start waits for is over, not when it was sent', async () => {
    await started();
    rig.pipelines.habit = healthyBut('open');
    void rig.ask('set_settings', { device_id: 'picam:0', settings: { gain: 2 } });
    await settled();
    const answer = rig.ask('start_recording');
    await rig.clock.advance(400);
    rig.pipelines.habit = healthy;
    rig.pipelines.of('picam:0').giveFirstFrame();
    await rig.clock.advance(3_000);
    await answer;
    const [at] = instants('picam:0');
    expect(at).toBeGreaterThanOrEqual(T0 + (4n * S) / 10n);
    expect(instants('picam:1')).toEqual([at]);
  });

  it.each([
    ['text', '1000700000000'],
    ['a number', 1_000_700_000_000],
  ])('may be set by the host as %s', async (_kind, start_mono_ns) => {
    await started();
    expect(await rig.ask('start_recording', { start_mono_ns })).toMatchObject({
      status: 'recording_started',
      data: { start_mono_ns: '1000700000000', offset_ns: String(OFFSET_NS) },
    });
    expect([...instants('picam:0'), ...instants('picam:1')]).toEqual([1_000_700_000_000n, 1_000_700_000_000n]);
    expect(rig.heard.named('warning')).toEqual([]);
  });

  it('keeps every digit where a double would lose one', async () => {
    await started(new ManualClock(undefined, 9_007_199_254_740_000n));
    await rig.ask('start_recording', { start_mono_ns: '9007199254740993' });
    expect(instants()).toEqual([9_007_199_254_740_993n]);
    expect(rig.heard.named('recording_started')[0]?.data.start_mono_ns).toBe('9007199254740993');
  });

  it('that has passed is kept, and the host is warned by how much', async () => {
    await started();
    await rig.clock.advance(2_000);
    const start = { start_mono_ns: '1001987500000', command_id: 'r1' };
    expect(await rig.ask('start_recording', start)).toMatchObject({ data: { start_mono_ns: '1001987500000' } });
    expect(rig.heard.named('warning')).toEqual([
      expect.objectContaining({
        in_reply_to: 'r1',
        data: { code: 'start_passed', message: expect.stringContaining('passed 12.500 ms ago') },
      }),
    ]);
  });

  it.each([0n, 1n, 50_000_000n])('that is %s ns ahead has not passed', async (aheadNs) => {
    await started();
    await rig.ask('start_recording', { start_mono_ns: String(T0 + aheadNs) });
    expect(rig.heard.named('warning')).toEqual([]);
  });

  it('that has passed long ago is told in seconds', async () => {
    await started();
    await rig.ask('start_recording', { start_mono_ns: String(T0 - 61n * S) });
    expect(rig.heard.named('warning')[0]?.data.message).toContain('passed 61.000 s ago');
  });

  it('may lie 60 s ahead and no further: then nothing was done', async () => {
    await started();
    const far = { start_mono_ns: String(T0 + 61n * S), session_dir: '/data/session_2', trial_number: 40 };
    expect(await rig.ask('start_recording', far)).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_command', error: expect.stringMatching(/more than 60 s ahead.*1000000000000/) },
    });
    expect(rig.module.status().session_dir).toBe(SESSION);
    expect(instants()).toEqual([]);
    const near = { start_mono_ns: String(T0 + 60n * S) };
    expect(await rig.ask('start_recording', near)).toMatchObject({ data: { trial_number: 1 } });
  });

  it.each([
    [''],
    ['soon'],
    ['-1'],
    [' 5'],
    ['1e9'],
    ['0x10'],
    ['1'.repeat(21)],
    [-1],
    [1.5],
    [2 ** 53],
    [true],
    [{}],
    [[1]],
  ])('is refused as %p', async (start_mono_ns) => {
    await started();
    expect(await rig.ask('start_recording', { start_mono_ns })).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_command', error: expect.stringContaining('start_mono_ns must be nanoseconds') },
    });
    expect(instants()).toEqual([]);
  });

  it('counts as left out where it is null', () => {
    rig = moduleRig();
    expect(checkCommand({ command: 'record', start_mono_ns: null })).toMatchObject({ ok: true });
  });

  it('is the first one of a take that is under way, and nobody is warned', async () => {
    await started();
    await rig.ask('start_recording');
    await rig.clock.advance(5_000);
    expect(await rig.ask('start_recording', { start_mono_ns: '5', device_id: 'picam:1' })).toMatchObject({
      status: 'recording_started',
      data: { start_mono_ns: String(T0), offset_ns: String(OFFSET_NS) },
    });
    expect(rig.heard.named('warning')).toEqual([]);
  });
});

it.each(['stop_recording', 'stop_session'])('%s has one instant for all cameras', async (stop) => {
  await started();
  await rig.ask('start_recording');
  await rig.clock.advance(1_500);
  await rig.ask(stop);
  const told = rig.pipelines.all.flatMap((pipeline) => pipeline.told('stopRecording').map(({ stopNs }) => stopNs));
  expect(told).toEqual([T0 + (3n * S) / 2n, T0 + (3n * S) / 2n]);
});

describe('a start that waits for its instant', () => {
  let start: Promise<StatusMessage>;

  beforeEach(async () => {
    rig = moduleRig();
    await rig.start();
    await rig.assign('picam:0', { session_dir: SESSION });
    rig.pipelines.habit = healthyBut('startRecording');
    start = rig.ask('start_recording', { start_mono_ns: String(T0 + 20n * S), command_id: 'r1' });
    await rig.clock.advance(1_000);
    expect(instants()).toEqual([T0 + 20n * S]);
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'recording', recording: { frames: 0, take: 0 } });
  });

  it.each([
    ['stop_recording', 'start_cancelled', ['recording_error r1', 'recording_stopped e1']],
    ['stop_session', 'start_cancelled', ['recording_error r1', 'command_ack e1']],
    ['unassign_device', 'no_device', ['recording_error r1', 'device_unassigned e1']],
    ['unassign_all_devices', 'no_device', ['recording_error r1', 'device_unassigned e1']],
    [
      'quit',
      'shutting_down',
      ['shutdown_started e1', 'recording_error r1', 'device_unassigned e1', 'quitting e1', 'shutdown_complete e1'],
    ],
  ])('is called off by %s: %s', async (command, code, expected) => {
    const before = rig.heard.all.length;
    const ended = rig.ask(command, { command_id: 'e1' });
    await settled();
    expect(await start).toMatchObject({ status: 'recording_error', in_reply_to: 'r1', data: { code } });
    await ended;
    await rig.clock.advance(30_000);
    const said = rig.heard.all.slice(before).filter(({ status }) => status !== 'heartbeat');
    expect(said.map(({ status, in_reply_to }) => `${status} ${in_reply_to}`).toSorted()).toEqual(expected.toSorted());
    expect(instants()).toHaveLength(1);
  });

  it('is called off at once, although the command that does it has to wait for another camera', async () => {
    rig.pipelines.habit = healthyBut('open', 'startRecording');
    const pipeline = rig.pipelines.of('picam:0');
    expect(pipeline.told('stopRecording')).toEqual([]);
    void rig.ask('stop_session');
    expect(pipeline.told('stopRecording')).toEqual([
      { type: 'stopRecording', run: 1, reason: 'command', stopNs: null },
    ]);
    expect(await start).toMatchObject({ data: { code: 'start_cancelled' } });
  });

  it('that was called off answers the stop with nothing, however long its thread takes to end it', async () => {
    rig.pipelines.habit = healthyBut('startRecording', 'stopRecording');
    const stopped = rig.ask('stop_recording', { command_id: 'e1' });
    await rig.clock.advance(300);
    const pipeline = rig.pipelines.of('picam:0');
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(0) });
    expect(await stopped).toMatchObject({ in_reply_to: 'e1', data: { frames: 0, trial_number: null } });
    expect(pipeline.told('stopRecording')).toHaveLength(1);
  });

  it('is called off by an unassignment that stands behind the assignment of a camera without frames', async () => {
    rig.pipelines.habit = healthyBut('open', 'startRecording');
    const assigned = rig.assign('picam:1');
    const between = rig.ask('toggle_preview', { enabled: true });
    const ended = rig.ask('unassign_device', { device_id: 'picam:0', command_id: 'e1' });
    expect(await start).toMatchObject({ status: 'recording_error', data: { code: 'no_device' } });
    await between;
    expect(await ended).toMatchObject({ status: 'device_unassigned' });
    expect(rig.pipelines.of('picam:0').told('stopRecording')).toHaveLength(1);
    expect(rig.heard.named('recording_stopped')).toEqual([]);
    rig.pipelines.of('picam:1').giveFirstFrame();
    expect(await assigned).toMatchObject({ status: 'device_ready' });
  });

  it('holds up no stop of another camera, and is still answered at its instant', async () => {
    rig.pipelines.habit = healthy;
    await rig.ask('stop_recording');
    await rig.assign('picam:1');
    rig.pipelines.habit = healthyBut('startRecording');
    const both = rig.ask('start_recording', { start_mono_ns: String(T0 + 40n * S), command_id: 'r2' });
    await rig.clock.advance(1_000);
    const stopped = rig.ask('stop_recording', { device_id: 'picam:0', command_id: 'e2' });
    expect(await stopped).toMatchObject({ status: 'recording_stopped', in_reply_to: 'e2', data: { frames: 0 } });
    await rig.clock.advance(38_000);
    const pipeline = rig.pipelines.of('picam:1');
    const [order] = pipeline.told('startRecording');
    if (order === undefined) throw new Error('Nothing was started.');
    pipeline.beginRecording(order.order);
    expect(await both).toMatchObject({ status: 'recording_error', data: { code: 'start_cancelled' } });
    expect(rig.heard.named('recording_started').map(({ data, in_reply_to: to }) => [data.device_id, to])).toEqual([
      ['picam:1', 'r2'],
    ]);
  });

  it.each(['start_recording', 'start_recording with an instant'])('is waited for by a later %s', async (later) => {
    rig.pipelines.habit = healthy;
    await rig.ask('stop_recording');
    await rig.assign('picam:1');
    rig.pipelines.habit = healthyBut('startRecording');
    const both = rig.ask('start_recording', { start_mono_ns: String(T0 + 40n * S), command_id: 'r2' });
    await rig.clock.advance(1_000);
    // The start lets go, and the other camera's take still waits for its instant.
    await rig.ask('stop_recording', { device_id: 'picam:0' });
    const own = later === 'start_recording' ? {} : { start_mono_ns: String(T0 + 3n * S) };
    const joined = rig.ask('start_recording', { device_id: 'picam:1', command_id: 'r3', ...own });
    await rig.clock.advance(38_000);
    const pipeline = rig.pipelines.of('picam:1');
    expect(pipeline.told('stopRecording')).toEqual([]);
    const [order] = pipeline.told('startRecording');
    if (order === undefined) throw new Error('Nothing was started.');
    pipeline.beginRecording(order.order);
    expect(await joined).toMatchObject({
      status: 'recording_started',
      data: { trial_number: 2, start_mono_ns: String(T0 + 40n * S) },
    });
    expect(await both).toMatchObject({ in_reply_to: 'r2', data: { code: 'start_cancelled' } });
  });

  it('is told as any other where it had begun before the stop reached it', async () => {
    const pipeline = rig.pipelines.of('picam:0');
    const [order] = pipeline.told('startRecording');
    if (order === undefined) throw new Error('It was not ordered.');
    rig.pipelines.habit = healthyBut('startRecording', 'stopRecording');
    const stopped = rig.ask('stop_recording', { command_id: 'e1' });
    expect(await start).toMatchObject({ data: { code: 'start_cancelled' } });
    pipeline.beginRecording(order.order);
    pipeline.finishRecording('command', 2);
    expect(await stopped).toMatchObject({ status: 'recording_stopped', data: { frames: 2 } });
    expect(rig.heard.named('recording_started')).toHaveLength(1);
  });

  it('has its usual time from the instant on', async () => {
    await rig.clock.advance(19_000 + OVERDUE_MS - 10);
    let isAnswered = false;
    void start.then(() => {
      isAnswered = true;
    });
    await settled();
    expect(isAnswered).toBe(false);
    await rig.clock.advance(10);
    expect(await start).toMatchObject({ status: 'recording_error', data: { code: 'io_error' } });
  });

  it('is remembered with its instant where the camera is lost, or its thread dies', async () => {
    const pipeline = rig.pipelines.of('picam:0');
    const error = errorWithAdvice('capture_failed', "The camera's thread died.").toData();
    pipeline.emit({ type: 'recordingFailed', run: 1, error, isCameraLost: true });
    pipeline.emit({ type: 'lost', run: 1, error, portReleased: true });
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'waiting', pending_trial_number: 1 });
    rig.pipelines.habit = healthy;
    await rig.clock.advance(2_000);
    expect(instants()).toEqual([T0 + 20n * S, T0 + 20n * S]);
    expect(await start).toMatchObject({ status: 'recording_started', data: { start_mono_ns: String(T0 + 20n * S) } });
  });

  it('is called off while its lost camera is away, and nothing begins when it is back', async () => {
    const pipeline = rig.pipelines.of('picam:0');
    const error = errorWithAdvice('camera_disconnected', 'Gone.').toData();
    pipeline.emit({ type: 'recordingFailed', run: 1, error, isCameraLost: true });
    pipeline.emit({ type: 'lost', run: 1, error, portReleased: true });
    expect(await rig.ask('stop_recording')).toMatchObject({ status: 'recording_stopped', data: { frames: 0 } });
    expect(await start).toMatchObject({ data: { code: 'start_cancelled' } });
    rig.pipelines.habit = healthy;
    await rig.clock.advance(40_000);
    expect(instants()).toHaveLength(1);
  });

  it('waits for its frame as ever once the instant has come', async () => {
    await rig.clock.advance(20_000);
    const stopped = rig.ask('stop_recording', { command_id: 'e1' });
    const pipeline = rig.pipelines.of('picam:0');
    const [order] = pipeline.told('startRecording');
    if (order === undefined) throw new Error('It was not ordered.');
    pipeline.beginRecording(order.order);
    expect(await start).toMatchObject({ status: 'recording_started' });
    expect(await stopped).toMatchObject({ status: 'recording_stopped', data: { frames: 1 } });
  });
});
