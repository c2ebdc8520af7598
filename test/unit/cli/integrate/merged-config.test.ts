import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hostKeysOf, tellWishes, valuesIn, wishesOf, withWishes } from '../../../../src/cli/integrate/merged-config.js';
import { readConfigText } from '../../../../src/protocol/config-text.js';
import { HOST_OWN_KEYS } from '../../../../src/protocol/host-config-keys.js';
import { ROOT } from '../../../harness/paths.js';

const DELIVERED = readFileSync(join(ROOT, 'integrations/rpi-logger/Cameras_CSI/config.txt'), 'utf8');

describe('the config.txt of the module for the field host', () => {
  it('has keys and values that the module takes without a word, and the size that its user is used to', () => {
    const { config, problems } = readConfigText(DELIVERED, 'It');
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      camera: { width: 1456, height: 1088, fps: 30 },
      recording: { resumeAfterReconnect: true },
      monitor: { port: 8722, control: true },
    });
  });

  it('has every key of the host, and a comment before each key', () => {
    expect(Object.keys(hostKeysOf(valuesIn(DELIVERED))).toSorted()).toEqual([...HOST_OWN_KEYS].toSorted());
    const lines = DELIVERED.split('\n');
    const bare = lines.filter((line, index) => /^\w/.test(line) && lines[index - 1]?.startsWith('# ') !== true);
    expect(bare).toEqual([]);
  });

  it('has no comment behind a value: the host would take it for a part of the value', () => {
    expect(Object.values(valuesIn(DELIVERED)).filter((value) => value.includes('#'))).toEqual([]);
  });
});

describe('what a new config.txt takes over', () => {
  it("is the host's keys of another module's file", () => {
    const text =
      'enabled = true\r\n# a word = 1\nconsole_output = false\nresolution = 640x480\nwindow_geometry=4x3+1+2\n';
    expect(wishesOf(valuesIn(text), null)).toEqual({ enabled: 'true', window_geometry: '4x3+1+2' });
  });

  it('is what differs from the file as it was delivered, also a line that was taken out', () => {
    const delivered = { resolution: '1456x1088', frame_rate: '30', log_level: 'info' };
    const now = { frame_rate: '60', log_level: 'info', 'camera.gain': '2' };
    expect(wishesOf(now, delivered)).toEqual({ resolution: '', frame_rate: '60', 'camera.gain': '2' });
  });

  it('comes in its place, with the comments, and further keys at the end', () => {
    const wishes = { frame_rate: '60', resolution: '', 'cameras.picam:1.gain': '2', display_name: 'A $& B' };
    const merged = withWishes(DELIVERED, wishes);
    expect(valuesIn(merged)).toEqual({ ...valuesIn(DELIVERED), ...wishes });
    const changed = merged.split('\n').filter((line) => !DELIVERED.split('\n').includes(line));
    expect(changed).toEqual([
      'display_name = A $& B',
      'resolution =',
      'frame_rate = 60',
      '# --- Kept from before ---',
      'cameras.picam:1.gain = 2',
    ]);
    expect(readConfigText(merged, 'It').problems).toEqual([]);
  });

  it('is nothing where nobody has changed anything, and the file stays as it is', () => {
    const wishes = wishesOf(valuesIn(DELIVERED), valuesIn(DELIVERED));
    expect(withWishes(DELIVERED, wishes)).toBe(DELIVERED);
    expect(tellWishes(wishes, DELIVERED)).toBe('');
  });
});
