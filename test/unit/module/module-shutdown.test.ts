import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { healthyBut, silent } from '../../harness/fake-pipeline.js';
import { settled } from '../../harness/manual-clock.js';
import { expectOneAnswerEach } from '../../harness/mock-host.js';
import { moduleRig, type ModuleRig } from './module-rig.js';

let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

afterEach(() => rig.end());

describe('stop', () => {
  it('ends the recording, the capture and the logs, in this order, and says so last', async () => {
    await rig.record();
    const before = rig.heard.names().length;
    await rig.module.stop();
    expect(rig.heard.names().slice(before)).toEqual([
      'shutdown_started',
      'recording_stopped',
      'device_unassigned',
      'quitting',
      'shutdown_complete',
    ]);
    expect(rig.heard.named('recording_stopped')[0]?.data.reason).toBe('shutdown');
    expect(rig.heard.all.slice(before).map((status) => status.in_reply_to)).toEqual(Array.from({ length: 5 }));
    expect(rig.heard.named('shutdown_complete')[0]?.data).toEqual({ reason: 'stop' });
    expect(rig.logs.closeLimits).toEqual([250]);
    // It is in the log as well, written before the log was closed.
    expect(rig.logs.commands.at(-1)).toMatchObject({ dir: 'out', status: 'shutdown_complete' });
  });

  it('sends the last status when the logs are flushed, and not before', async () => {
    await rig.start();
    let flushed: () => void = () => undefined;
    rig.logs.closing = new Promise((resolve) => {
      flushed = resolve;
    });
    const stopping = rig.module.stop();
    await settled();
    expect(rig.heard.names().at(-1)).toBe('quitting');
    expect(await rig.ask('get_status')).toMatchObject({ data: { code: 'shutting_down' } });
    flushed();
    await stopping;
    expect(rig.heard.names().at(-1)).toBe('shutdown_complete');
  });

  it('does nothing before a start, and twice is once', async () => {
    await rig.module.stop();
    await rig.start();
    await Promise.all([rig.module.stop(), rig.module.stop()]);
    await rig.module.stop();
    expect(rig.heard.named('shutdown_started')).toHaveLength(1);
    expect(rig.heard.named('shutdown_complete')).toHaveLength(1);
  });

  it('can be followed by another start, which waits for it', async () => {
    await rig.record();
    const stopping = rig.module.stop();
    await rig.start();
    await stopping;
    expect(rig.heard.names().slice(-3)).toEqual(['shutdown_complete', 'initializing', 'ready']);
    expect(rig.module.status()).toMatchObject({ state: 'running', cameras: [], session_dir: null });
    expect((await rig.assign()).status).toBe('device_ready');
  });

  it('gives up a capture process that cannot be ended, in under two seconds', async () => {
    await rig.record();
    rig.pipelines.habit = silent;
    const stopping = rig.module.stop();
    await rig.clock.advance(1_500);
    await stopping;
    expect(rig.heard.named('device_unassigned')[0]?.data.port_released).toBe(false);
  });

  it('closes several cameras at once', async () => {
    await rig.start();
    for (const index of [0, 1, 2]) await rig.assign(`picam:${index}`);
    rig.pipelines.habit = silent;
    const stopping = rig.module.stop();
    await rig.clock.advance(1_500);
    await stopping;
    expect(rig.heard.named('device_unassigned')).toHaveLength(3);
  });

  it('waits for an unassignment that is still ending its capture process', async () => {
    await rig.start();
    await rig.assign();
    rig.pipelines.habit = silent;
    const unassigning = rig.ask('unassign_device', { command_id: 'u1' });
    await rig.clock.advance(400);
    const stopping = rig.module.stop();
    await rig.clock.advance(300);
    expect(rig.module.status().state).toBe('stopping');
    rig.pipelines.last.emit({ type: 'closed', run: 1, portReleased: true });
    await stopping;
    expect(await unassigning).toMatchObject({ status: 'device_unassigned', data: { port_released: true } });
    expect(rig.heard.answersTo('u1', 'unassign_device')).toHaveLength(1);
    expect(rig.heard.names().slice(-3)).toEqual(['device_unassigned', 'quitting', 'shutdown_complete']);
  });
});

describe('quit', () => {
  it('is answered by shutdown_complete, and its statuses name it', async () => {
    await rig.record();
    const before = rig.heard.all.length;
    expect(await rig.ask('quit', { command_id: 'q1' })).toMatchObject({
      status: 'shutdown_complete',
      in_reply_to: 'q1',
      data: { reason: 'quit' },
    });
    expect(rig.heard.all.slice(before).map((status) => status.in_reply_to)).toEqual(
      Array.from({ length: 5 }, () => 'q1'),
    );
    expect(rig.logs.life('q1')).toEqual(['received', 'processing', 'completed']);
  });

  it('overtakes the queue: what waits is refused, what runs is ended, each with one answer', async () => {
    rig.pipelines.habit = healthyBut('open');
    await rig.start();
    const sent = [
      { id: 'a1', name: 'assign_device' },
      { id: 's1', name: 'start_recording' },
      { id: 'g1', name: 'get_settings' },
      { id: 'q1', name: 'quit' },
      { id: 'q2', name: 'shutdown' },
      { id: 'g2', name: 'get_status' },
    ];
    const answers = sent.map(({ id, name }) => rig.ask(name, { command_id: id, device_id: 'picam:0' }));
    expect((await Promise.all(answers)).map(({ status, data }) => [status, 'code' in data ? data.code : null])).toEqual(
      [
        ['device_error', 'shutting_down'],
        ['command_nack', 'shutting_down'],
        ['command_nack', 'shutting_down'],
        ['shutdown_complete', null],
        ['command_nack', 'shutting_down'],
        ['command_nack', 'shutting_down'],
      ],
    );
    expectOneAnswerEach(rig.heard, sent);
    expect(rig.heard.names().at(-1)).toBe('shutdown_complete');
    expect(rig.clock.monotonicNs()).toBe(1_000_000_000_000n);
  });

  it.each(['stop_recording', 'take_snapshot', 'start_recording'])(
    'ends %s that the disk does not answer',
    async (name) => {
      await rig.record();
      if (name === 'start_recording') await rig.ask('stop_recording');
      rig.pipelines.habit = healthyBut('stopRecording', 'takeSnapshot', 'startRecording');
      const stuck = rig.ask(name, { command_id: 'x1' });
      await settled();
      const quitting = rig.ask('quit');
      await rig.clock.advance(1_500);
      expect((await quitting).status).toBe('shutdown_complete');
      await stuck;
      expectOneAnswerEach(rig.heard, [{ id: 'x1', name }]);
    },
  );
});
