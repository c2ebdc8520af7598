import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answerOfCommand } from '../../../../src/monitor/server/control.js';
import type { StatusMessage, StatusReport } from '../../../../src/protocol/statuses.js';
import { snapshotOf } from '../../../harness/monitor-snapshot.js';
import { ManualClock } from '../../../harness/manual-clock.js';
import { ask } from '../../../harness/raw-request.js';
import { CAMERA, DEVICE, ServerRig, TOKEN } from './server-rig.js';

type ModuleState = StatusReport['state'];

describe('what the server answers', () => {
  let clock: ManualClock;
  let rig: ServerRig;

  beforeEach(async () => {
    clock = new ManualClock();
    rig = await new ServerRig({ hasToken: true, readsNeedToken: false, hasControl: true }, { clock }).open();
    rig.snapshot = snapshotAt(clock.monotonicNs());
  });
  afterEach(() => rig.server.close());

  const snapshotAt = (madeNs: bigint, deviceIds: readonly string[] = [DEVICE], state: ModuleState = 'running') => ({
    ...snapshotOf(deviceIds, state),
    madeNs,
  });
  const textOf = async (target: string): Promise<[number, string]> => {
    const { status, body } = await ask(rig.port, target);
    return [status, body.toString()];
  };

  it('is the view with its age, and whether the page may give commands', async () => {
    const { view } = rig.snapshot ?? snapshotOf([]);
    await clock.advance(1_234.9);
    const { headers, body } = await ask(rig.port, '/api/status');
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body.toString())).toEqual({ ...view, status_age_ms: 1_234, control: true });
    await clock.advance(1_000);
    expect(JSON.parse((await ask(rig.port, '/api/status')).body.toString())).toMatchObject({ status_age_ms: 2_234 });
  });

  it('is never younger than now: the clock of another thread may be ahead', async () => {
    rig.snapshot = snapshotAt(clock.monotonicNs() + 5_000_000n);
    expect(JSON.parse((await textOf('/api/status'))[1])).toMatchObject({ status_age_ms: 0 });
  });

  it('is the latest view', async () => {
    await ask(rig.port, '/api/status');
    rig.snapshot = snapshotAt(clock.monotonicNs(), []);
    expect(JSON.parse((await textOf('/api/status'))[1])).toMatchObject({ cameras: [], status: { cameras: [] } });
  });

  it('says that nothing is known yet', async () => {
    rig.snapshot = null;
    const nothing = 'The recorder has told nothing yet.';
    expect(await textOf('/api/status')).toEqual([503, JSON.stringify({ error: nothing })]);
    expect(await textOf('/healthz')).toEqual([503, `${nothing}\n`]);
    expect(await textOf('/metrics')).toEqual([503, `${nothing}\n`]);
    expect((await textOf(`${CAMERA}/frame`))[0]).toBe(404);
  });

  it('says when the status is too old for metrics and health, and still tells the view with its age', async () => {
    await clock.advance(15_000);
    expect((await textOf('/healthz'))[0]).toBe(200);
    expect((await textOf('/metrics'))[0]).toBe(200);
    await clock.advance(1);
    const old = [503, 'The recorder has told nothing for 15 s.\n'];
    expect(await textOf('/healthz')).toEqual(old);
    expect(await textOf('/metrics')).toEqual(old);
    expect(JSON.parse((await textOf('/api/status'))[1])).toMatchObject({ status_age_ms: 15_001 });
  });

  it.each([
    ['stopping', 'The recorder is shutting down.\n'],
    ['stopped', 'The recorder is stopped.\n'],
  ] as const)('is no good health while the module is %s', async (state, text) => {
    rig.snapshot = snapshotAt(clock.monotonicNs(), [DEVICE], state);
    expect(await textOf('/healthz')).toEqual([503, text]);
    expect((await textOf('/metrics'))[0]).toBe(200);
  });

  it('makes the metrics at most twice a second, however many ask, and anew for an old snapshot', async () => {
    const { headers } = await ask(rig.port, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    await clock.advance(499);
    await ask(rig.port, '/metrics');
    expect(rig.exposed).toBe(1);
    // The snapshot is the same: a module that hangs must not go on recording in the metrics.
    await clock.advance(1);
    await ask(rig.port, '/metrics');
    expect(rig.exposed).toBe(2);
  });

  it('makes the metrics by the age of the snapshot, whatever the wall clock does', async () => {
    await clock.advance(700);
    clock.setWallMs(clock.wallMs() + 3_600_000);
    await ask(rig.port, '/metrics');
    expect(rig.exposedAgeMs).toBe(700);
    await clock.advance(500);
    clock.setWallMs(clock.wallMs() - 7_200_000);
    await ask(rig.port, '/metrics');
    expect(rig.exposedAgeMs).toBe(1_200);
  });

  it('is a picture with its number and its age, and gives the picture back', async () => {
    let released = 0;
    rig.picture = {
      kind: 'picture',
      bytes: Buffer.from('JPEG'),
      frameNumber: 41,
      arrivedMonotonicNs: clock.monotonicNs() - 250_900_000n,
      release: () => {
        released += 1;
      },
    };
    const { status, headers, body } = await ask(rig.port, `${CAMERA}/frame?after=40`);
    expect([status, body.toString()]).toEqual([200, 'JPEG']);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': '4',
      'x-frame-number': '41',
      'x-frame-age-ms': '250',
    });
    expect((await ask(rig.port, `${CAMERA}/frame`, { method: 'HEAD' })).body.length).toBe(0);
    expect(rig.fetched).toEqual([
      [DEVICE, 40, 400],
      [DEVICE, 0, 400],
    ]);
    expect(released).toBe(2);
  });

  it('counts the bytes of pictures that were sent', async () => {
    const counting = await new ServerRig({}, { expose: (_, { previewBytes }) => String(previewBytes) }).open();
    const times = { arrivedMonotonicNs: 0n, release: () => undefined };
    counting.picture = { kind: 'picture', bytes: Buffer.from('JPEG'), frameNumber: 1, ...times };
    counting.snapshot = { ...snapshotOf([DEVICE]), madeNs: process.hrtime.bigint() };
    for (const method of ['GET', 'HEAD', 'GET']) await ask(counting.port, `${CAMERA}/frame`, { method });
    const { body } = await ask(counting.port, '/metrics');
    await counting.server.close();
    expect(body.toString()).toBe('8');
  });

  it.each(['none', 'off', 'paused', 'lost'] as const)('says why there is no picture: %s', async (why) => {
    rig.picture = { kind: 'nothing', why };
    const { status, headers, bytes } = await ask(rig.port, `${CAMERA}/frame`);
    expect([status, headers['x-preview'], headers['content-length']]).toEqual([204, why, undefined]);
    expect(bytes.toString().endsWith('\r\n\r\n')).toBe(true);
  });

  describe('to a command', () => {
    const command = async (action: string, body: string): Promise<[number, unknown]> => {
      const answer = await ask(rig.port, `${CAMERA}/${action}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json; charset=utf-8', Authorization: `Bearer ${TOKEN}` },
        body,
      });
      return [answer.status, JSON.parse(answer.body.toString())];
    };

    it.each([
      ['settings', '{"settings":{"gain":2}}', { command: 'set_settings', settings: { gain: 2 } }],
      ['settings', '{"settings":{"nonsense":[]}}', { command: 'set_settings', settings: { nonsense: [] } }],
      ['fix', '{}', { command: 'fix_settings' }],
      ['snapshot', ' {} ', { command: 'take_snapshot' }],
    ])('of %s %s is its final status', async (action, body, given) => {
      expect(await command(action, body)).toEqual([200, rig.status]);
      expect(rig.commands).toEqual([{ ...given, device_id: DEVICE }]);
    });

    it.each([
      ['snapshot_taken', 200],
      ['command_nack', 409],
      ['device_error', 409],
      ['recording_error', 409],
    ] as const)('that ends with %s is %d', async (name, status) => {
      rig.status = { type: 'status', status: name };
      expect(await command('snapshot', '{}')).toEqual([status, rig.status]);
    });

    it.each([
      ['settings', '{}'],
      ['settings', '{"settings":[]}'],
      ['settings', '{"settings":null}'],
      ['settings', '{"settings":{},"device_id":"picam:1"}'],
      ['settings', '{"settings":{}'],
      ['fix', '{"command":"quit"}'],
      ['fix', '[]'],
      ['fix', 'null'],
      ['snapshot', '{"path":"/etc/passwd"}'],
      ['snapshot', '\ufeff{}x'],
    ])('of %s that is not as it should be is refused: %s', async (action, body) => {
      expect((await command(action, body))[0]).toBe(400);
      expect(rig.commands).toEqual([]);
    });
  });

  it('says that a command has not ended yet', async () => {
    const command = { command: 'fix_settings', device_id: DEVICE } as const;
    const answer = answerOfCommand(clock, command, () => new Promise<StatusMessage>(() => undefined));
    await clock.advance(60_000);
    expect((await answer).status).toBe(504);
  });
});
