import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FFMPEG } from '../../../scripts/readers.mjs';
import { TakeInMemory } from '../../harness/bad-recordings/take-in-memory.js';
import { childHost } from '../../harness/child-host.js';
import { MAIN } from '../../harness/paths.js';
import { isPresent } from '../../harness/present-readers.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { runProgram } from '../../harness/run-program.js';
import { saySkipped } from '../../harness/say-skipped.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { waitForFrames } from '../../harness/whole-recording.js';

const NAME = '20260106_081726_CSI_trial007_IMX296_Global_picam_0';
const AS_NOBODY = ['--reuid', '54321', '--regid', '54321', '--clear-groups'];
const CAN_BE_NOBODY = canBeNobody();
const itWithFfmpeg = isPresent(FFMPEG) ? it : it.skip;

/** What is no whole recording of ours and is named so all the same. None of it may hold the program up. */
describe('csi-cameras verify', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let camera: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    const [take] = await TakeInMemory.record({ frames: 3 });
    camera = (await take?.writeTo(folder.path, false)) ?? '';
  });

  afterEach(() => folder.remove());

  async function verify(...args: string[]) {
    const { code, stdout, stderr } = await runProgram(folder.path, ['verify', ...args]).ended;
    return { code, said: `${stdout}${stderr}` };
  }

  it('ends with 0 where all is proven', async () => {
    expect(await verify(camera)).toMatchObject({ code: 0 });
  });

  it('ends with 4 where one of many is damaged', async () => {
    expectDamage(folder.path, 'a row is gone');
    const [bad] = await TakeInMemory.record({ frames: 5, request: { trialNumber: 2 } });
    bad?.setLines(bad.lines.slice(0, -1));
    await bad?.writeTo(folder.path, true);
    expect(await verify(camera)).toMatchObject({ code: 4, said: expect.stringContaining('V13') });
  });

  it('ends with 1 where there is nothing', async () => {
    const empty = join(folder.path, 'empty');
    await mkdir(empty);
    expect(await verify(empty)).toMatchObject({ code: 1 });
    expect(await verify(join(folder.path, 'nowhere'))).toMatchObject({ code: 1 });
  });

  it('does not open a pipe that has the name of a video', async () => {
    execFileSync('mkfifo', [join(camera, `${NAME}.avi`)]);
    const { code } = await verify(camera);
    expect([1, 4]).toContain(code);
  });

  it('does not open a pipe that has the name of a timing file or an info file', async () => {
    execFileSync('mkfifo', [join(camera, `${NAME}_timing.csv`)]);
    execFileSync('mkfifo', [join(camera, `${NAME.replace('007', '001')}_info.json`)]);
    const { code } = await verify(camera);
    expect([1, 4]).toContain(code);
  });

  it('follows no link out of the session', async () => {
    expectDamage(folder.path, 'a link is no recording');
    const secret = join(folder.path, 'secret.txt');
    await writeFile(secret, 'the secret of another folder\n');
    for (const end of ['.avi', '_timing.csv', '_info.json']) await symlink(secret, join(camera, `${NAME}${end}`));
    const { code, said } = await verify(camera);
    expect([1, 4]).toContain(code);
    expect(said).not.toContain('the secret of');
  });

  it('is not held up by a folder with the name of a video, or by links in a circle', async () => {
    await mkdir(join(camera, `${NAME}.avi`));
    await symlink(camera, join(camera, 'circle'));
    await symlink(join(camera, `${NAME}_info.json`), join(camera, `${NAME}_info.json`));
    expect([0, 1, 4]).toContain((await verify(camera)).code);
  });

  itWithFfmpeg('says of a video by ffmpeg that it is not ours, and ends with 1', async () => {
    const path = join(folder.path, 'film.avi');
    const input = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1'];
    execFileSync('ffmpeg', ['-v', 'error', ...input, '-c:v', 'mjpeg', path]);
    const { code, said } = await verify(path);
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringMatching(/not (one of )?ours|not .*csi-cameras/i),
    });
  });

  it('looks at 820 GB of nothing in a moment, and calls them damaged', async () => {
    expectDamage(folder.path, 'a video of zeros');
    const [take] = await TakeInMemory.record({ frames: 3, request: { trialNumber: 2 } });
    await take?.writeTo(folder.path, false);
    await truncate(join(camera, `${take?.name}.avi`), 820e9);
    const startedMs = performance.now();
    expect(await verify(camera, '--quick')).toMatchObject({ code: 4 });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('says of a recording that goes on that it goes on, and ends with 1', async () => {
    const host = await childHost({ folder: folder.path, env: { XDG_RUNTIME_DIR: folder.path } });
    try {
      await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
      const session = join(folder.path, 'session_live');
      await host.expect('recording_started', { command: 'start_recording', session_dir: session, trial_number: 1 });
      await waitForFrames(host, 10);
      const live = await verify(session);
      expect(live).toMatchObject({ code: 1, said: expect.stringContaining('record') });
      await host.expect('recording_stopped', { command: 'stop_recording' });
      expect(await verify(session)).toMatchObject({ code: 0 });
    } finally {
      await host.end();
    }
  });

  (CAN_BE_NOBODY ? it : it.skip)('tells a recording that it may not read from one that is damaged', async () => {
    const video = join(camera, `${NAME.replace('007', '001')}.avi`);
    await chmod(folder.path, 0o755);
    await chmod(video, 0);
    const { status } = spawnSync('setpriv', [...AS_NOBODY, process.execPath, MAIN, 'verify', camera], { cwd: '/' });
    expect(status).toBe(1);
  });
});

function canBeNobody(): boolean {
  const tried = spawnSync('setpriv', [...AS_NOBODY, process.execPath, MAIN, '--version'], { cwd: '/' });
  if (tried.status === 0) return true;
  saySkipped('no process of another user here (root, setpriv, a readable build): recordings that may not be read');
  return false;
}
