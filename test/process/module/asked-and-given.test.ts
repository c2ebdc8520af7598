import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextAsk } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { SETTING_NAMES, type PartialSettings, type SettingName } from '../../../src/core/camera-settings.js';
import type { StatusData } from '../../../src/protocol/statuses.js';
import { freeUdpPort } from '../../harness/free-udp-port.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { type DecodedPicture, decodedPicture } from '../../harness/decoded-picture.js';
import { describeWithFfprobe } from '../../harness/describe-with-ffprobe.js';
import { MarkdownDocument } from '../../harness/markdown-tables.js';
import { holdings } from '../../harness/nothing-left.js';

type Given = NonNullable<StatusData<'settings'>['given']>;

/** A picture that the module took, decoded. */
interface Picture extends DecodedPicture {
  /** The first number of its quantisation table: it falls with the quality. */
  readonly coarseness: number;
}

/** One change of settings: everything else is taken back. */
interface Step {
  readonly asked: PartialSettings;
  /** What the capture process has on its command line for it. */
  readonly words: string;
  readonly given?: Partial<Given>;
  /** What is warned of as without effect, with the value that the warning names. */
  readonly warned?: Partial<Record<SettingName, string>>;
  readonly shows?: (seen: Picture, plain: Picture) => void;
}

/** Middles of bars, and heights in the bars and in the ramp. */
const bar = (index: number): number => (index + 0.5) / 8;
const [IN_BARS, IN_RAMP] = [0.1, 0.97];
const [GREY, GREEN, RED] = [0, 3, 5];
/** Where a bar is in a mirrored picture. */
const mirrored = (index: number): number => 7 - index;

const isRed = (seen: Picture, index: number, y: number): boolean => redness(seen, bar(index), y) > 100;
const redness = (seen: Picture, x: number, y: number): number => seen.at(x, y)[0] - seen.at(x, y)[1];
const greenOf = (seen: Picture, index: number, y = IN_BARS): number => seen.at(bar(index), y)[1];

/** The imx219: colours, a fixed lens. */
const COLOURED: readonly Step[] = [
  {
    asked: { exposureTimeUs: 305, gain: 20, colourGains: [3, 1] },
    words: '--shutter 305 --gain 20 --awbgains 3,1',
    given: { exposureTimeUs: 302, gain: 10.667, colourGains: [3, 1] },
    warned: { gain: '10.666667' },
    shows: (seen) => {
      const [red, , blue] = seen.at(bar(GREY), IN_BARS);
      expect(red - blue).toBeGreaterThan(60);
    },
  },
  {
    asked: { hflip: true, brightness: -0.2 },
    words: '--hflip --brightness -0.2',
    shows: (seen, plain) => {
      expect(isRed(seen, mirrored(RED), IN_BARS)).toBe(true);
      expect(greenOf(seen, mirrored(GREEN))).toBeCloseTo(greenOf(plain, GREEN) - 51, -1);
    },
  },
  {
    asked: { vflip: true, metering: 'spot' },
    words: '--metering spot --vflip',
    given: { exposureTimeUs: 4194 },
    shows: (seen, plain) => {
      expect(isRed(seen, RED, IN_RAMP)).toBe(true);
      expect(greenOf(seen, GREEN, IN_RAMP)).toBeGreaterThan(greenOf(plain, GREEN) + 15);
    },
  },
  {
    asked: { rotationDegrees: 180, contrast: 0.5 },
    words: '--rotation 180 --contrast 0.5',
    shows: (seen, plain) => {
      expect(redness(seen, bar(mirrored(RED)), IN_RAMP)).toBeGreaterThan(50);
      expect(seen.at(0.94, IN_BARS)[1]).toBeGreaterThan(plain.at(0.06, IN_RAMP)[1] + 30);
      expect(seen.at(0.06, IN_BARS)[1]).toBeLessThan(plain.at(0.94, IN_RAMP)[1] - 30);
    },
  },
  {
    asked: { whiteBalance: 'incandescent', sharpness: 4 },
    words: '--awb incandescent --sharpness 4',
    given: { colourGains: [1.368, 2.343] },
    shows: (seen, plain) => {
      expect(seen.grain / plain.grain).toBeGreaterThan(1.5);
      const [red, , blue] = seen.at(bar(GREY), IN_BARS);
      expect(blue - red).toBeGreaterThan(30);
    },
  },
  {
    asked: { saturation: 0, noiseReduction: 'off' },
    words: '--saturation 0 --denoise off',
    shows: (seen, plain) => {
      expect(seen.grain / plain.grain).toBeGreaterThan(1.1);
      expect(Math.abs(redness(seen, bar(RED), IN_BARS))).toBeLessThan(6);
    },
  },
  {
    asked: { exposureMode: 'sport', hdr: 'single-exp' },
    words: '--exposure sport --hdr=single-exp',
    given: { exposureTimeUs: 998, gain: 2.977 },
    shows: (seen, plain) => {
      expect(seen.at(0.2, IN_RAMP)[1]).toBeGreaterThan(plain.at(0.2, IN_RAMP)[1] + 15);
    },
  },
  {
    asked: { exposureCompensationStops: 2, flickerPeriodUs: 10_000 },
    words: '--ev 2 --flicker-period 10000us',
    given: { exposureTimeUs: 9991, gain: 1.196 },
    shows: (seen, plain) => {
      expect(greenOf(seen, GREEN)).toBeGreaterThan(greenOf(plain, GREEN) + 30);
    },
  },
  {
    asked: { fps: 25, jpegQuality: 30, regionOfInterest: [0.625, 0, 0.125, 0.5] },
    words: '--framerate 25 --quality 30 --roi 0.625,0,0.125,0.5',
    given: { fps: 25, regionOfInterest: [0.5488, 0.3052, 0.0488, 0.1948] },
    shows: (seen, plain) => {
      for (const x of [0.05, 0.5, 0.95]) expect(redness(seen, x, IN_BARS)).toBeGreaterThan(120);
      expect([plain.coarseness, seen.coarseness]).toEqual([5, 27]);
    },
  },
  {
    // A server begins alone too. What synchronised cameras do takes two of them: `synchronised-pair`.
    asked: { sensorMode: '1920:1080:10:P', tuningFile: '/etc/os-release', sync: 'server' },
    words: '--mode 1920:1080:10:P --tuning-file /etc/os-release --sync server',
    given: { regionOfInterest: [0.2805, 0.2808, 0.439, 0.4383] },
  },
  {
    asked: { width: 320, height: 240 },
    words: '--width 320 --height 240',
    given: { width: 320, height: 240 },
  },
];

/** The imx708: colours, a lens that moves. */
const FOCUSING: readonly Step[] = [
  {
    asked: { lensPositionDioptres: 6 },
    words: '--autofocus-mode manual --lens-position 6',
    given: { lensPositionDioptres: 6 },
    shows: (seen, plain) => {
      expect(plain.sharpestEdge(IN_BARS, 0.45, 0.55)).toBeGreaterThan(100);
      expect(seen.sharpestEdge(IN_BARS, 0.45, 0.55)).toBeLessThan(15);
    },
  },
  {
    asked: { focusMode: 'auto', focusRange: 'macro', focusSpeed: 'fast' },
    words: '--autofocus-mode auto --autofocus-range macro --autofocus-speed fast',
    given: { lensPositionDioptres: 3 },
  },
  {
    asked: { focusWindow: [0, 0, 0.2, 0.2] },
    words: '--autofocus-window 0,0,0.2,0.2',
    given: { lensPositionDioptres: 0.5 },
  },
];

/** The imx296: no colours, a fixed lens, gain in steps of 0.1 dB. */
const PLAIN: readonly Step[] = [
  {
    asked: { exposureTimeUs: 5003, gain: 3.3, colourGains: [2, 1.5], lensPositionDioptres: 2 },
    words: '--shutter 5003 --gain 3.3 --autofocus-mode manual --lens-position 2 --awbgains 2,1.5',
    given: { exposureTimeUs: 4993, gain: 3.273, colourGains: null, lensPositionDioptres: null },
    warned: { colourGains: 'none', lensPositionDioptres: 'none' },
  },
  {
    asked: {
      focusMode: 'continuous',
      focusRange: 'macro',
      focusSpeed: 'fast',
      focusWindow: [0, 0, 0.5, 0.5],
      whiteBalance: 'daylight',
    },
    words:
      '--autofocus-mode continuous --autofocus-range macro --autofocus-speed fast --autofocus-window 0,0,0.5,0.5 --awb daylight',
    given: { colourGains: null, lensPositionDioptres: null },
    warned: {
      focusMode: 'no lens position',
      focusRange: 'no lens position',
      focusSpeed: 'no lens position',
      focusWindow: 'no lens position',
      whiteBalance: 'no colour gains',
    },
  },
];

const STEPS: readonly { deviceId: string; model: string; steps: readonly Step[] }[] = [
  { deviceId: 'picam:0', model: 'imx296', steps: PLAIN },
  { deviceId: 'picam:1', model: 'imx219', steps: COLOURED },
  { deviceId: 'picam:2', model: 'imx708', steps: FOCUSING },
];
const NOTHING_ASKED = Object.fromEntries(SETTING_NAMES.map((name) => [name, null]));
const MOST_ASKS = 100;

describeWithFfprobe('each setting', () => {
  const folder = cleanFolder(() => host.end());
  let host: ChildHost;

  it('reaches the command line, is told where frames tell it, and shows in the picture', async () => {
    host = await childHost({
      folder: folder.path,
      env: { CSI_VIRTUAL_CAMERA: `cameras=0+1+2,sync-frames=5,sync-port=${await freeUdpPort()}` },
    });
    const sessionDir = join(folder.path, 'session_20260106_081726');
    await host.expect('command_ack', { command: 'start_session', session_dir: sessionDir });
    await Promise.all(
      STEPS.map(async ({ deviceId, steps }) => {
        await host.expect('device_ready', { command: 'assign_device', device_id: deviceId });
        const plain = await picture(deviceId);
        for (const step of steps) await prove(deviceId, step, plain);
      }),
    );
    const warned = STEPS.flatMap(({ steps }) => steps.flatMap((step) => Object.keys(step.warned ?? {})));
    expect(host.log.named('warning')).toHaveLength(warned.length);
    expect(host.log.names()).not.toContain('device_error');
  }, 60_000);

  it('is asked for here at least once', () => {
    const asked = STEPS.flatMap(({ steps }) => steps.flatMap((step) => Object.keys(step.asked)));
    expect([...new Set(asked)].sort()).toEqual([...SETTING_NAMES].sort());
  });

  it('stands in the table of the document as it was seen here', () => {
    const rows = STEPS.flatMap(({ model, steps }) => steps.map((step) => rowOf(model, step)));
    const told = new MarkdownDocument('docs/virtual-camera.md').tableUnder('Asked and given');
    expect(told).toEqual(rows);
  });

  async function prove(deviceId: string, step: Step, plain: Picture): Promise<void> {
    const from = host.log.all.length;
    const settings = { ...NOTHING_ASKED, ...step.asked };
    await host.expect('settings_changed', { command: 'set_settings', device_id: deviceId, settings });
    const [line, ...others] = captureProcesses(deviceId);
    expect(others).toEqual([]);
    expect(wordsOfOptions(line)).toEqual(expect.arrayContaining(wordsOfOptions(step.words)));
    await givenComes(deviceId, step.given ?? {});
    for (const [name, value] of Object.entries(step.warned ?? {})) {
      const { data } = await host.log.wait('warning', (warning) => warning.data.message.startsWith(`${name}:`), from);
      expect(data).toEqual({ device_id: deviceId, code: 'setting_without_effect', message: expect.any(String) });
      expect(data.message).toContain(`asked ${String(step.asked[name as SettingName])}, the camera gives ${value}`);
    }
    step.shows?.(await picture(deviceId), plain);
  }

  /** A lens that searches is where it should be some frames later. */
  async function givenComes(deviceId: string, expected: Partial<Given>): Promise<void> {
    for (let asks = 0; ; asks += 1) {
      const { data } = await host.expect('settings', { command: 'get_settings', device_id: deviceId });
      const isGiven = Object.entries(expected).every(([name, value]) =>
        isDeepStrictEqual(data.given?.[name as keyof Given], value),
      );
      if (isGiven) return;
      if (asks === MOST_ASKS) expect(data.given).toMatchObject(expected);
      await nextAsk(50);
    }
  }

  async function picture(deviceId: string): Promise<Picture> {
    const { data } = await host.expect('snapshot_taken', { command: 'take_snapshot', device_id: deviceId });
    const bytes = await readFile(data.path);
    // DQT: marker, length, number of the table, its first entry.
    const coarseness = bytes[bytes.indexOf(Buffer.from([0xff, 0xdb])) + 5] ?? 0;
    return { ...(await decodedPicture(data.path)), coarseness };
  }

  function captureProcesses(deviceId: string): string[] {
    const camera = ` --camera ${deviceId.replace('picam:', '')} `;
    return holdings(host.process.pid).children.filter((child) => child.includes(camera));
  }
});

/** A command line's options, each with its value. */
function wordsOfOptions(line = ''): string[] {
  return line.split(/ (?=--)/);
}

function rowOf(model: string, { asked, words, given = {}, warned = {} }: Step): Record<string, string> {
  const list = (values: object): string =>
    Object.entries(values)
      .map(([name, value]) => `\`${name}\` ${value === null ? 'null' : String(value)}`)
      .join(', ');
  const names = Object.keys(warned).map((name) => `\`${name}\``);
  return {
    camera: model,
    asked: list(asked),
    'command line': `\`${words}\``,
    given: list(given),
    'warned of': names.join(', '),
  };
}
