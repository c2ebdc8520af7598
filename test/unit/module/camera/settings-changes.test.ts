import { describe, expect, it } from '@jest/globals';
import { SETTING_NAMES } from '../../../../src/core/camera-settings.js';
import { NOTHING_GIVEN, type GivenSettings } from '../../../../src/core/given-settings.js';
import { FAKE_FORMAT } from '../../../harness/fake-camera-source.js';
import { FakeDesk } from '../../../harness/fake-desk.js';
import { healthy, healthyBut, NO_FIGURES, silent, type PipelineHabit } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { ASKED, cameraRig, isAnswered, ORDER, recordingRig, type CameraRig } from './camera-rig.js';

const GIVEN: GivenSettings = { ...NOTHING_GIVEN, exposureTimeUs: 4_996.4, gain: 2.000_04, width: 640, height: 480 };

/** The stream tells what the camera gives. */
function tell({ pipeline }: CameraRig, given: GivenSettings | null = GIVEN): void {
  pipeline.emit({ type: 'figures', run: pipeline.run, figures: { ...NO_FIGURES, given } });
}

async function streaming(habit: PipelineHabit = healthy, desk = new FakeDesk(ASKED)): Promise<CameraRig> {
  const rig = cameraRig(healthy, {}, desk);
  await rig.camera.open('a1');
  rig.pipelines.habit = habit;
  return rig;
}

/** What the capture process was asked for, opening by opening. */
const asked = ({ pipeline }: CameraRig): unknown[] => pipeline.told('open').map(({ request }) => request.settings);

/** Gives no frame where it is asked for this gain. */
const refusing =
  (gain: number): PipelineHabit =>
  (pipeline, command) => {
    if (command.type === 'open' && command.request.settings.gain === gain) pipeline.lose('unsupported_mode');
    else healthy(pipeline, command);
  };

describe('a change of settings on a camera that streams', () => {
  it('restarts the camera, is told with device_ready, and answered with what the new stream gives', async () => {
    const rig = await streaming();
    tell(rig, { ...GIVEN, gain: 1 });
    const answer = rig.camera.changeSettings({ gain: 2, fps: 60 }, 'c1');
    await settled();
    expect(asked(rig)).toMatchObject([{ fps: 50 }, { fps: 60, gain: 2, bufferCount: 12 }]);
    expect(rig.reported).toEqual([{ report: expect.objectContaining({ status: 'device_ready' }), replyTo: 'c1' }]);
    expect(await isAnswered(answer)).toBe(false);
    tell(rig);
    const { status, data } = await answer;
    expect(status).toBe('settings_changed');
    expect(data).toMatchObject({
      device_id: 'picam:0',
      asked: { width: 640, height: 480, fps: 60, gain: 2, jpegQuality: 85, exposureTimeUs: null, tuningFile: null },
      given: { exposureTimeUs: 4_996, gain: 2, colourGains: null, fps: null, width: 640, height: 480 },
      kept: { gain: 2, fps: 60 },
    });
    expect(Object.keys('asked' in data ? data.asked : {})).toEqual(SETTING_NAMES);
  });

  it('is the state "opening" meanwhile, with what is wanted as requested', async () => {
    const rig = await streaming(healthyBut('close'));
    void rig.camera.changeSettings({ fps: 60 }, 'c1');
    await settled();
    expect(rig.camera.status()).toMatchObject({ state: 'opening', requested: { fps: 60 }, given: null, error: null });
    rig.pipelines.habit = silent;
    rig.pipeline.emit({ type: 'closed', run: 1, portReleased: true });
    expect(rig.camera.status()).toMatchObject({ state: 'opening', requested: { fps: 60 }, given: null });
    rig.pipeline.giveFirstFrame(FAKE_FORMAT, 60);
    expect(rig.camera.status()).toMatchObject({ state: 'streaming', given: { fps: 60 } });
  });

  it.each([
    ['3 s', {}, 3_000],
    ['ten frames of a slow camera', { fps: 0.5 }, 20_000],
  ])('is answered after %s without figures, with what is known', async (_title, change, limitMs) => {
    const rig = await streaming((pipeline, command) => {
      if (command.type === 'open') pipeline.giveFirstFrame(FAKE_FORMAT, command.request.settings.fps);
      else healthy(pipeline, command);
    });
    const answer = rig.camera.changeSettings({ gain: 2, ...change }, 'c1');
    await rig.clock.advance(limitMs - 1);
    expect(await isAnswered(answer)).toBe(false);
    await rig.clock.advance(1);
    expect(await answer).toMatchObject({ data: { given: { ...NOTHING_GIVEN, width: 1456, height: 1088 } } });
    expect(rig.clock.timers).toBe(0);
  });

  it('changes nothing where the camera is asked for the same already, and is kept', async () => {
    const rig = await streaming();
    const answer = await rig.camera.changeSettings({ fps: 50 }, 'c1');
    expect(answer).toMatchObject({ status: 'settings_changed', data: { kept: { fps: 50 } } });
    expect(rig.pipeline.told('close')).toEqual([]);
    expect(rig.desk.kept).toEqual({ fps: 50 });
  });

  it('that takes a setting back restarts the camera without it', async () => {
    const desk = new FakeDesk(ASKED);
    desk.kept = { gain: 2 };
    const rig = await streaming(healthy, desk);
    const answer = rig.camera.changeSettings({ gain: null }, 'c1');
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({ data: { asked: { gain: null }, kept: {} } });
    expect(asked(rig)[1]).not.toHaveProperty('gain');
  });

  it('is refused by a sentence where it cannot be, and the stream goes on', async () => {
    const rig = await streaming();
    rig.desk.refusal = 'exposureTimeUs is longer than a frame.';
    const answer = await rig.camera.changeSettings({ exposureTimeUs: 50_000 }, 'c1');
    expect(answer).toEqual({
      status: 'command_nack',
      data: { success: false, code: 'invalid_setting', error: 'exposureTimeUs is longer than a frame.' },
    });
    expect(rig.pipeline.told('close')).toEqual([]);
    expect(rig.camera.status().state).toBe('streaming');
  });

  it('is undone where no frame comes with it: the former settings, the tool’s words, and nothing kept', async () => {
    const rig = await streaming(refusing(2));
    const answer = await rig.camera.changeSettings({ gain: 2 }, 'c1');
    expect(answer).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_setting', error: expect.stringContaining('The test took the camera away.') },
    });
    expect(asked(rig)).toMatchObject([{ fps: 50 }, { gain: 2 }, { fps: 50 }]);
    expect(asked(rig)[2]).toEqual(asked(rig)[0]);
    expect(rig.reported).toEqual([{ report: expect.objectContaining({ status: 'device_ready' }), replyTo: 'c1' }]);
    expect(rig.desk.kept).toEqual({});
    expect(rig.camera.status()).toMatchObject({ state: 'streaming', requested: { fps: 50 }, error: null });
  });

  it('ends in a lost camera where the former settings do not help either', async () => {
    const rig = await streaming((pipeline, command) => {
      if (command.type === 'open') pipeline.lose('camera_in_use');
      else healthy(pipeline, command);
    });
    const answer = await rig.camera.changeSettings({ gain: 2 }, 'c1');
    expect(answer).toMatchObject({ status: 'command_nack', data: { code: 'camera_in_use' } });
    expect(rig.names()).toEqual(['device_error']);
    expect(rig.desk.kept).toEqual({});
    rig.pipelines.habit = healthy;
    await rig.clock.advance(500);
    expect(asked(rig).at(-1)).toEqual(asked(rig)[0]);
    expect(rig.reported.at(-1)?.report).toMatchObject({ status: 'device_ready', data: { reconnected: true } });
  });

  it('is not heard by a run that is over, and survives a loss right after it', async () => {
    const rig = await streaming(healthyBut('open'));
    const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
    await settled();
    rig.pipeline.emit({ type: 'closed', run: 1, portReleased: true }); // once more
    rig.pipeline.giveFirstFrame();
    rig.pipeline.lose();
    expect(await answer).toMatchObject({ status: 'settings_changed', data: { given: null, kept: { gain: 2 } } });
    expect(rig.names()).toEqual(['device_ready', 'device_error']);
    rig.pipelines.habit = healthy;
    await rig.clock.advance(500);
    expect(asked(rig).at(-1)).toMatchObject({ gain: 2 });
  });
});

describe('a change of settings on a camera without frames', () => {
  it('applies at the next opening of a camera that waits, and is answered at once', async () => {
    const rig = await streaming();
    rig.pipeline.lose();
    const answer = await rig.camera.changeSettings({ gain: 2 }, 'c1');
    expect(answer).toMatchObject({ status: 'settings_changed', data: { given: null, asked: { gain: 2 } } });
    await rig.clock.advance(500);
    expect(asked(rig)[1]).toMatchObject({ gain: 2 });
    expect(rig.names()).toEqual(['device_error', 'device_ready']);
  });

  it('applies before device_ready where the camera is being opened', async () => {
    const rig = cameraRig(healthyBut('open'));
    const opened = rig.camera.open('a1', { keepsTrying: true });
    expect(await rig.camera.changeSettings({ gain: 2 }, 'c1')).toMatchObject({ data: { given: null } });
    rig.pipeline.giveFirstFrame();
    expect(await isAnswered(opened)).toBe(false);
    expect(asked(rig)[1]).toMatchObject({ gain: 2 });
    rig.pipeline.giveFirstFrame();
    expect(await opened).toMatchObject({ status: 'device_ready' });
    expect(rig.names()).toEqual([]);
  });

  it('applies also where the first frame comes while it is being kept', async () => {
    const rig = cameraRig(healthyBut('open'));
    const opened = rig.camera.open('a1');
    const accept = rig.desk.accept.bind(rig.desk);
    rig.desk.accept = async (proposal) => {
      rig.pipeline.giveFirstFrame();
      await Promise.resolve();
      return accept(proposal);
    };
    await rig.camera.changeSettings({ gain: 2 }, 'c1');
    expect(await opened).toMatchObject({ status: 'device_ready' });
    expect(asked(rig)[1]).toMatchObject({ gain: 2 });
    rig.pipeline.giveFirstFrame();
    expect(rig.camera.status().state).toBe('streaming');
  });
});

describe('a camera that says at its first frame who it is', () => {
  const kept = (id = FAKE_FORMAT.cameraId): FakeDesk => {
    const desk = new FakeDesk(ASKED);
    desk.keptFor.set(id, { gain: 2 });
    return desk;
  };

  it('is opened once more with what is kept for it, before device_ready', async () => {
    const rig = cameraRig(healthy, {}, kept());
    expect(await rig.camera.open('a1')).toMatchObject({ status: 'device_ready' });
    expect(asked(rig)).toMatchObject([{ fps: 50 }, { gain: 2 }]);
    expect(rig.names()).toEqual([]);
    expect(rig.desk.identified).toEqual([FAKE_FORMAT.cameraId, FAKE_FORMAT.cameraId]);
  });

  it('is asked for it besides what a command changes, where it says so while the change is checked', async () => {
    const desk = new FakeDesk(ASKED);
    desk.keptFor.set(FAKE_FORMAT.cameraId, { contrast: 2 });
    const rig = cameraRig(healthyBut('open'), {}, desk);
    const opened = rig.camera.open('a1');
    const propose = desk.propose.bind(desk);
    desk.propose = async (change) => {
      const proposal = await propose(change);
      rig.pipelines.habit = healthy;
      rig.pipeline.giveFirstFrame();
      return proposal;
    };
    const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
    expect(await opened).toMatchObject({ status: 'device_ready' });
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({
      data: { asked: { gain: 2, contrast: 2 }, kept: { gain: 2, contrast: 2 } },
    });
    expect(asked(rig).at(-1)).toMatchObject({ gain: 2, contrast: 2 });
    expect(rig.camera.status().state).toBe('streaming');
  });

  it('runs without it where no frame comes with it, with a warning, also when it is opened again', async () => {
    const rig = cameraRig(refusing(2), {}, kept());
    expect(await rig.camera.open('a1')).toMatchObject({ status: 'device_ready' });
    expect(rig.reported.map(({ report }) => report.data)).toEqual([
      { code: 'setting_ignored', device_id: 'picam:0', message: expect.stringContaining('The test took the camera') },
    ]);
    expect(rig.camera.describeSettings().data).toMatchObject({ asked: { gain: null }, kept: { gain: 2 } });
    rig.pipeline.lose();
    await rig.clock.advance(500);
    expect(asked(rig)).toMatchObject([{ fps: 50 }, { gain: 2 }, { fps: 50 }, { fps: 50 }]);
    expect(asked(rig)[3]).toEqual(asked(rig)[0]);
    expect(rig.camera.status().state).toBe('streaming');
  });

  it('can be asked for it by a command all the same', async () => {
    const rig = cameraRig(refusing(2), {}, kept());
    await rig.camera.open('a1');
    rig.pipelines.habit = healthy;
    const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({ status: 'settings_changed' });
    rig.pipeline.lose();
    await rig.clock.advance(500);
    expect(asked(rig).slice(-2)).toMatchObject([{ gain: 2 }, { gain: 2 }]);
  });

  it('fails as any camera where it cannot be opened again at all', async () => {
    const rig = cameraRig(healthyBut('open'), {}, kept());
    const opened = rig.camera.open('a1');
    rig.pipeline.giveFirstFrame();
    rig.pipeline.lose('camera_in_use');
    rig.pipeline.lose('camera_in_use');
    expect(await opened).toMatchObject({ status: 'device_error', data: { code: 'camera_in_use' } });
    expect(rig.camera.isClosed).toBe(true);
  });
});

describe('while a take is under way, or about to begin', () => {
  const refused = { status: 'command_nack', data: { code: 'recording_in_progress' } };

  it.each([
    ['it records', (): Promise<CameraRig> => recordingRig()],
    [
      'it begins',
      async () => {
        const rig = await streaming(healthyBut('startRecording'));
        void rig.camera.startRecording(ORDER, 'r1');
        return rig;
      },
    ],
    [
      'it is being finished',
      async () => {
        const rig = await recordingRig();
        rig.pipelines.habit = healthyBut('stopRecording');
        void rig.camera.stopRecording('s1');
        return rig;
      },
    ],
    [
      'it begins with the next first frame',
      async () => {
        const rig = await streaming();
        rig.pipeline.lose();
        void rig.camera.startRecording(ORDER, 'r1');
        return rig;
      },
    ],
  ])('no setting is changed: %s', async (_title, prepared) => {
    const rig = await prepared();
    expect(await rig.camera.changeSettings({ gain: 2 }, 'c1')).toMatchObject(refused);
    expect(await rig.camera.fixSettings('c2')).toMatchObject(refused);
    expect(rig.desk.kept).toEqual({});
    expect(rig.pipeline.told('close')).toEqual([]);
  });

  it('no setting is changed by a command whose check took longer than the start', async () => {
    const rig = await streaming();
    const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
    void rig.camera.startRecording(ORDER, 'r1');
    expect(await answer).toMatchObject(refused);
    expect(rig.pipeline.told('close')).toEqual([]);
  });
});

describe('what is kept', () => {
  it('is told with a warning where it cannot be, and holds all the same', async () => {
    const rig = await streaming();
    rig.desk.whyNotKept = 'The disk is full.';
    const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({ status: 'settings_changed' });
    expect(rig.reported.at(-1)?.report.data).toEqual({
      code: 'settings_not_kept',
      message: 'The disk is full.',
      device_id: 'picam:0',
    });
  });

  it.each([
    ['propose', 'hangs', 'command_nack', 'io_error'],
    ['propose', 'throws', 'command_nack', 'io_error'],
    ['accept', 'hangs', 'settings_changed', undefined],
    ['accept', 'throws', 'command_nack', 'io_error'],
  ] as const)('is answered for in time where the desk’s %s %s', async (at, how, status, code) => {
    const rig = await streaming();
    rig.desk.fault = { at, how };
    const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
    await rig.clock.advance(3_000);
    await rig.clock.advance(3_000);
    expect(await answer).toMatchObject(code === undefined ? { status } : { status, data: { code } });
    expect(rig.camera.status().state).toBe('streaming');
    expect(rig.clock.timers).toBe(0);
  });

  it('gives way with one warning a reason, each time that it does', async () => {
    const rig = cameraRig(healthy);
    const warnings = (): unknown[] => rig.reported.map(({ report }) => report.data);
    rig.desk.ignored = [{ name: 'exposureTimeUs', origin: 'kept', why: '40000 us are longer than a frame.' }];
    await rig.camera.open('a1');
    const told = {
      code: 'setting_ignored',
      device_id: 'picam:0',
      message: '40000 us are longer than a frame.',
    };
    expect(warnings()).toEqual([told]);
    await rig.camera.changeSettings({ fps: 50 }, 'c1');
    expect(warnings()).toEqual([told]);
    rig.desk.ignored = [];
    await rig.camera.changeSettings({ fps: 50 }, 'c2');
    rig.desk.ignored = [{ name: 'exposureTimeUs', origin: 'kept', why: '40000 us are longer than a frame.' }];
    await rig.camera.changeSettings({ fps: 50 }, 'c3');
    expect(warnings()).toEqual([told, told]);
  });
});

describe('fixing what automatic found', () => {
  const FOUND: GivenSettings = {
    ...GIVEN,
    exposureTimeUs: 8_333.4,
    gain: 1.123_46,
    colourGains: [1.834_56, 1.5],
    lensPositionDioptres: 2.000_4,
  };

  it('sets and keeps exposure time, gain, colour gains and lens position, and what goes with them', async () => {
    const desk = new FakeDesk(ASKED);
    desk.kept = { whiteBalance: 'daylight', focusMode: 'continuous', fps: 60 };
    const rig = await streaming(healthy, desk);
    tell(rig, FOUND);
    const answer = rig.camera.fixSettings('f1');
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({ status: 'settings_changed' });
    expect(desk.kept).toEqual({
      fps: 60,
      exposureTimeUs: 8_333,
      gain: 1.123,
      colourGains: [1.835, 1.5],
      lensPositionDioptres: 2,
      focusMode: 'manual',
    });
  });

  it('waits for the first figures of a stream', async () => {
    const rig = await streaming();
    const answer = rig.camera.fixSettings('f1');
    await settled();
    tell(rig, { ...NOTHING_GIVEN, gain: 0.98 });
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({ data: { kept: { gain: 1 } } });
  });

  it('fixes no exposure that is longer than a frame', async () => {
    const rig = await streaming();
    tell(rig, { ...NOTHING_GIVEN, exposureTimeUs: 20_000.6 });
    const answer = rig.camera.fixSettings('f1');
    await settled();
    tell(rig);
    expect(await answer).toMatchObject({ data: { kept: { exposureTimeUs: 20_000 } } });
  });

  it('is refused where the camera gives a lower rate than asked and needs its time: shorter, the picture would be darker', async () => {
    const rig = await streaming();
    tell(rig, { ...FOUND, exposureTimeUs: 40_000, fps: 25 });
    expect(await rig.camera.fixSettings('f1')).toEqual({
      status: 'command_nack',
      data: {
        success: false,
        code: 'invalid_setting',
        error:
          'picam:0 exposes for 40000 us, and a frame takes 20000 us at the 50 frames a second that are asked for. Ask for the 25 that it gives (set_fps), then fix the settings.',
      },
    });
    expect(rig.desk.kept).toEqual({});
    expect(rig.pipeline.told('close')).toEqual([]);
  });

  it.each([
    ['no frame told anything', null],
    ['frames tell nothing of it', { ...NOTHING_GIVEN, width: 640 }],
  ])('is refused with a sentence where %s', async (_title, given) => {
    const rig = await streaming();
    const answer = rig.camera.fixSettings('f1');
    if (given !== null) tell(rig, given);
    await rig.clock.advance(3_000);
    expect(await answer).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_setting', error: expect.stringContaining('nothing to fix') },
    });
  });

  it('is refused where the camera gives no frames', async () => {
    const rig = await streaming();
    rig.pipeline.lose();
    expect(await rig.camera.fixSettings('f1')).toMatchObject({ data: { code: 'camera_disconnected' } });
  });
});

describe('the settings as they are', () => {
  it('are asked, given and kept', async () => {
    const rig = await streaming();
    expect(rig.camera.describeSettings()).toMatchObject({
      status: 'settings',
      data: { asked: { fps: 50 }, given: { exposureTimeUs: null, width: 1456, height: 1088 }, kept: {} },
    });
    tell(rig, { ...GIVEN, colourGains: [1.234_56, 2], regionOfInterest: [0, 0.333_333, 1, 0.5], fps: 49.999_7 });
    expect(rig.camera.describeSettings().data).toMatchObject({
      given: { colourGains: [1.235, 2], regionOfInterest: [0, 0.333_3, 1, 0.5], fps: 50 },
    });
    rig.pipeline.lose();
    expect(rig.camera.describeSettings().data).toMatchObject({ given: null });
  });
});
