import { describe, expect, it } from '@jest/globals';
import { FAKE_FORMAT } from '../../../harness/fake-camera-source.js';
import { FakeDesk } from '../../../harness/fake-desk.js';
import { healthy, healthyBut, NO_FIGURES, silent } from '../../../harness/fake-pipeline.js';
import { ASKED, cameraRig, isAnswered, ORDER, type CameraRig } from './camera-rig.js';

const asking = (fps: number): FakeDesk => new FakeDesk({ ...ASKED, fps });

/** A camera that was asked for one rate, gives another, and answers nothing but its opening. */
async function streaming({ asked, given }: { asked: number; given: number }): Promise<CameraRig> {
  const rig = cameraRig(silent, {}, asking(asked));
  const opened = rig.camera.open('a1');
  rig.pipeline.giveFirstFrame(FAKE_FORMAT, given);
  await opened;
  return rig;
}

const OPERATIONS = {
  start: ({ camera }: CameraRig) => camera.startRecording(ORDER, 'r1'),
  stop: async (rig: CameraRig) => {
    rig.pipelines.habit = healthyBut('stopRecording');
    await rig.camera.startRecording(ORDER, 'r1');
    return rig.camera.stopRecording('s1');
  },
  snapshot: ({ camera }: CameraRig) => camera.takeSnapshot('/data', 't1'),
} as const;

describe.each(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])('a %s', (name) => {
  const operation = OPERATIONS[name];

  it.each([
    ['one frame in 200 s, as it was asked for', { asked: 0.005, given: 0.005 }, 2_010_000],
    ['one frame in 10 s, slower than it was asked for', { asked: 30, given: 0.1 }, 110_000],
    ['30 frames a second, faster than it was asked for', { asked: 0.005, given: 30 }, 10_334],
  ])('of a camera with %s has ten seconds and ten frame times', async (_words, rates, limitMs) => {
    const rig = await streaming(rates);
    const answer = operation(rig);
    await rig.clock.advance(limitMs - 1_000);
    expect(await isAnswered(answer)).toBe(false);
    await rig.clock.advance(1_000);
    expect((await answer).data).toMatchObject({ code: 'io_error' });
  });

  it('goes by the rate that is measured, once it is', async () => {
    const rig = await streaming({ asked: 0.005, given: 0.005 });
    rig.pipeline.emit({ type: 'figures', run: 1, figures: { ...NO_FIGURES, captureFps: 30 } });
    const answer = operation(rig);
    await rig.clock.advance(10_334);
    expect((await answer).data).toMatchObject({ code: 'io_error' });
  });
});

describe('a start', () => {
  it('that waits for the first frame of a slow camera is not refused before that frame is overdue', async () => {
    const rig = cameraRig(silent, {}, asking(0.005));
    void rig.camera.open('a1');
    const answer = rig.camera.startRecording(ORDER, 'r1');
    await rig.clock.advance(2_005_000); // what the watchdog gives the first frame
    expect(await isAnswered(answer)).toBe(false);
    rig.pipelines.habit = healthy;
    rig.pipeline.giveFirstFrame(FAKE_FORMAT, 0.005);
    expect(await answer).toMatchObject({ status: 'recording_started' });
  });
});
