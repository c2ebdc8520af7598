import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type CameraControl, cameraControl } from '../../harness/camera-control.js';
import { expectNothingLeft, holdings, type Holdings } from '../../harness/nothing-left.js';
import { readMetadata, readStream } from '../../harness/read-stream.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { type Ended, RunningTool, runToEnd, SMALL } from './run-tool.js';

const CLEAN: Ended = { code: 0, signal: null };

describe('the camera as a process, with settings,', () => {
  let before: Holdings;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let control: CameraControl;
  const running: RunningTool[] = [];

  beforeEach(async () => {
    before = holdings();
    folder = await temporaryFolder();
    control = await cameraControl(folder.path);
  });
  afterEach(async () => {
    for (const { child } of running.splice(0))
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await folder.remove();
    await expectNothingLeft(before);
  });

  function start(misbehaviours = '', args = SMALL): RunningTool {
    const tool = new RunningTool(args, misbehaviours, { ...control.env, CSI_VIRTUAL_CAMERA: misbehaviours });
    running.push(tool);
    return tool;
  }

  it('loses its rate to a long exposure, without a word', async () => {
    const ended = await runToEnd([...SMALL, '--frames', '3', '--shutter', '50ms', '--gain', '1']);
    expect(ended.stderr).not.toMatch(/WARN|ERROR/);
    const [first, second] = readStream(ended.stdout);
    const stepNs = (second?.timestampNs ?? 0n) - (first?.timestampNs ?? 0n);
    expect(stepNs).toBeGreaterThan(50_000_000n);
    expect(stepNs).toBeLessThan(50_200_000n);
    const told = readMetadata(first?.metadata ?? '');
    expect(told.get('ExposureTime')).toBe('49994');
    expect(told.get('FrameDuration')).toBe(String(stepNs / 1000n));
  });

  it('keeps what is fixed from the first frame to the last, until it is told to drift', async () => {
    const tool = start('', [...SMALL, '--shutter', '2000', '--gain', '2', '--awbgains', '1.5,2']);
    await tool.until(({ blockCount }) => blockCount >= 50);
    const steady = readStream(tool.stdout.subarray(0, tool.stdout.lastIndexOf(Buffer.from([0xff, 0xd8]))));
    await control.misbehave('drift=exposure:1+colour-gains:0.5');
    await tool.until(({ stderr }) => stderr.includes('control: drift=exposure:1+colour-gains:0.5'));
    const { blockCount } = tool;
    await tool.until((now) => now.blockCount >= blockCount + 100);
    expect(await tool.interrupt()).toEqual(CLEAN);
    const values = (frames: ReturnType<typeof readStream>, name: string): ReadonlySet<string | undefined> =>
      new Set(frames.map(({ metadata }) => readMetadata(metadata).get(name)));
    expect(values(steady, 'ExposureTime').size).toBe(1);
    const last = readStream(tool.stdout).slice(-50);
    expect(values(last, 'ExposureTime').size).toBeGreaterThan(30);
    expect(values(last, 'ColourGains').size).toBe(50);
    expect(values(last, 'AnalogueGain')).toEqual(values(steady, 'AnalogueGain'));
  });

  it.each([
    [['--awb', 'foo'], 'Invalid AWB mode: foo'],
    [['--rotation', '90'], 'transforms requiring transpose not supported'],
    [['--shutter', 'soon'], 'Invalid time string provided'],
    [['--gain', 'x'], "the argument ('x') for option '--gain' is invalid"],
  ])('is ended with 255 by %j', async (args, message) => {
    const ended = await runToEnd([...SMALL, ...args]);
    expect(ended).toMatchObject({ code: 255, stderr: `ERROR: *** ${message} ***\n` });
  });

  it('opens the camera before it looks at the noise reduction', async () => {
    const args = [...SMALL, '--denoise', 'foo'];
    expect((await runToEnd(args)).stderr).toMatch(/ERROR: \*\*\* Invalid denoise mode foo \*\*\*\n$/);
    expect((await runToEnd(args, 'in-use')).stderr).toContain('failed to acquire camera');
  });

  it('names the tuning file that it was given', async () => {
    const { code, stderr } = await runToEnd([...SMALL, '--frames', '1', '--tuning-file', '/not/there.json']);
    expect(code).toBe(0);
    expect(stderr).toContain('Using tuning file /not/there.json\n');
  });
});
