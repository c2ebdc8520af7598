import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordingSession, requestIn } from '../../harness/recordings.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { runProgram } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { recorded, rewrite } from '../../harness/verified.js';

/** `csi-cameras verify` as a person and a script use it: what it prints, and its exit code. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let session: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  expectDamage(folder.path, 'some recordings are damaged');
  session = join(folder.path, 'session_20260106_081726');
});
afterEach(() => folder.remove());

const verify = (...args: readonly string[]) => runProgram(folder.path, ['verify', ...args]).ended;

describe('csi-cameras verify', () => {
  it('says ok, LOST or BAD of each recording, and ends with the code of the worst', async () => {
    expectDamage(folder.path, 'a row is taken out', ['V13', 'V14', 'V20']);
    await recorded(folder.path);
    expect(await verify(session)).toMatchObject({ code: 0, stderr: '' });
    await recorded(folder.path, { trialNumber: 2, frames: jpegFrames(60).toSpliced(20, 3) });
    expect((await verify(session)).code).toBe(3);
    const { timingPath } = await recorded(folder.path, { trialNumber: 3 });
    await rewrite(timingPath, (text) => text.replace(/\n1?3,CSICameras[^\n]*,20\n/, '\n'));
    const before = await readdir(session, { recursive: true });
    const { code, stdout, stderr } = await verify(session);
    expect(await readdir(session, { recursive: true })).toEqual(before);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'session_20260106_081726: 3 recordings',
      expect.stringMatching(/^ok {4}picam:0 trial 1 {3}60 frames = 60 rows {3}2\.0 s at 30\.00 {3}.* read +0 lost$/),
      expect.stringMatching(/^LOST {2}picam:0 trial 2 .* 3 missing in 1 place, not explained/),
      '      after frame 20 (00:00:00.6): 3 missing, not explained',
    ]);
    expect(lines[4]).toMatch(/^BAD {3}picam:0 trial 3 {3}V13: there are 59 rows for 60 frames/);
    expect(stdout).toContain('\n1 proven, 1 with losses, 1 damaged.\n');
    expect(stdout).toContain('a changed bit inside a picture can go unseen');

    const json = await verify('--json', session);
    expect(json).toMatchObject({ code: 4, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 1,
      exit: 4,
      recordings: [{ verdict: 'proven' }, { verdict: 'lost', gaps_total: 1 }, { verdict: 'damaged' }],
    });
  });

  it('does not look at what is being recorded, and refuses --decode beside it', async () => {
    await recorded(folder.path);
    const recording = recordingSession().begin(requestIn(folder.path, { trialNumber: 2 }));
    await recording.append(jpegFrames(30));
    await recording.checkpoint();
    const { code, stdout, stderr } = await verify(session);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('reads slowly') });
    expect(stdout).toMatch(
      /SKIP {2}IMX296_Global_picam_0 trial 2 +It is being recorded\. Verify it when it has ended\./,
    );
    expect(await verify(session, '--decode')).toMatchObject({ code: 1, stderr: expect.stringContaining('--decode') });
    await recording.close();
    expect(await verify(session)).toMatchObject({ code: 0, stderr: '' });
  });

  it('says what it cannot check, and what is no usage', async () => {
    expectDamage(folder.path, 'a video is cut', ['V1']);
    const { videoPath } = await recorded(folder.path);
    expect(await verify(folder.path)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds no recordings'),
    });
    expect(await verify(join(folder.path, 'none'))).toMatchObject({ code: 1 });
    await mkdir(join(folder.path, 'other'));
    const foreign = join(folder.path, 'other', 'holiday.avi');
    await writeFile(foreign, Buffer.alloc(10_000, 'RIFF'));
    const { code, stdout } = await verify(foreign);
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining('not ours') });
    await truncate(videoPath, 300_000);
    expect(await verify(session)).toMatchObject({ code: 4 });
    for (const wrong of [[], ['--quick', '--decode', session], ['--fast', session]]) {
      expect(await verify(...wrong)).toMatchObject({ code: 2 });
    }
  });
});
