import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../harness/paths.js';
import { moduleRig } from './module-rig.js';

/** A line of `csicameras.log` that is about a camera names it, so that whoever runs several can tell them apart. */

const ROOM = join(ROOT, 'src', 'module');

/** Calls that name no device, by what they say: they are about the module, all cameras, or one that may have no device id. */
const NAMELESS = [
  "'Module started.'",
  "'Shutting down.'",
  "'Shutdown complete.'",
  "'Unexpected error.'",
  "'Load level changed.'",
  "code: 'config_ignored'",
  "code: 'under_voltage'",
  // Of the monitor. Who hears commands may be about any camera, or none.
  "log('warn', message, { code })",
  "'The monitor could not be ended.'",
  "'A command listener failed.'",
  // Of the disk, while no camera records.
  "'The free space is not known.'",
  // Of a command. Its other lines are in commands.jsonl, by the same id.
  "'A command failed unexpectedly.'",
  // Names the camera by its libcamera id.
  'cameraId: camera.cameraId',
  // Passes on what others log.
  'log(level, message, facts)',
];

interface LogCall {
  readonly where: string;
  /** The call, and the lines before it, where its context may be made. */
  readonly text: string;
}

function logCalls(): LogCall[] {
  const files = readdirSync(ROOM, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((file) => {
    const lines = readFileSync(join(ROOM, file), 'utf8').split('\n');
    return lines.flatMap((line, at) => {
      if (!/\blogs?(?:\.log)?\(/.test(line)) return [];
      const end = lines.findIndex((later, index) => index >= at && /\);\s*$/.test(later));
      return [{ where: `${file}:${at + 1}`, text: lines.slice(Math.max(0, at - 4), end + 1).join('\n') }];
    });
  });
}

describe('the log lines of the module', () => {
  it('are looked at, every one', () => {
    expect(logCalls().length).toBeGreaterThan(20);
  });

  it('name the device where they are about a camera', () => {
    const nameless = logCalls().filter(
      ({ text }) => !/\bdevice\b|deviceIn\(|accountOf\(/.test(text) && !NAMELESS.some((known) => text.includes(known)),
    );
    expect(nameless).toEqual([]);
  });

  it('name it where the host fails to take a status of a camera, and where a text for it was cleaned', async () => {
    const rig = moduleRig();
    await rig.start(undefined, () => {
      throw new Error('the host is busy');
    });
    await rig.assign('picam:1', { display_name: 'left\tcamera' });
    const failed = rig.logs.saying("The host's sendStatus failed.");
    const ofReady = failed.filter(({ context }) => context['status'] === 'device_ready');
    expect(ofReady).toMatchObject([{ context: { device: 'picam:1' } }]);
    expect(failed.filter(({ context }) => context['status'] === 'ready')).toMatchObject([{ context: {} }]);
    const cleaned = rig.logs.lines.filter(({ context }) => context['code'] === 'label_cleaned');
    expect(cleaned).toMatchObject([{ context: { device: 'picam:1' } }]);
    await rig.module.stop();
  });
});
