import { writeFileSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CameraStream } from '../../../../src/capture/camera-source.js';
import { CameraLookup } from '../../../../src/capture/listing/camera-lookup.js';
import { RpicamSource } from '../../../../src/capture/rpicam-source.js';
import { systemClock, type Clock } from '../../../../src/core/clock.js';
import type { Log } from '../../../../src/core/log-level.js';
import { TestClock } from '../test-clock.js';
import { HeardStream, requestFor, ToolFolder } from '../tool-fixtures.js';

const LIMIT_MS = 20_000;
const signal = new AbortController().signal;
const ANY_VIEW = { width: 0, height: 0, fps: 30 };

const IMX296 = `0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)
    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]
`;
const IMX219 = `0 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@80000/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 1640x1232 [83.70 fps - (0, 0)/3280x2464 crop]
`;
/** Each mode as the first one: what the tool lists while somebody else holds the camera. */
const HELD = IMX219.replaceAll(/\[.*crop\]/g, '[30.00 fps - (0, 0)/3280x2464 crop]');

const COMPLAINT =
  '[0:01:02.3] [99] ERROR Camera camera.cpp:700 Camera in Available state trying configure() requiring state between Acquired and Configured\n';

const SENSOR_LINE = {
  imx296: 'Sensor: /base/axi/pcie@120000/rp1/i2c@88000/imx296@1a - Selected sensor format: x',
  imx219: 'Sensor: /base/axi/pcie@120000/rp1/i2c@80000/imx219@10 - Selected sensor format: x',
};

/**
 * Lists what the file `listing` says, opens the camera whose line the file `sensor` holds, and notes each run in `runs`.
 * Its line is heard before its first frame, as of a camera; in two pipes they would have no order.
 */
const TOOL = `
case "$*" in *--list-cameras*)
  echo list >> "$FOLDER/runs"
  if [ -e "$FOLDER/hang" ]; then echo > "$FOLDER/listing-now"; exec sleep 1000; fi
  if [ -e "$FOLDER/wait" ]; then echo > "$FOLDER/listing-now"; while [ -e "$FOLDER/wait" ]; do sleep 0.01; done; fi
  [ -e "$FOLDER/listing.2" ] && mv "$FOLDER/listing.2" "$FOLDER/listing.next"
  cat "$FOLDER/listing"
  [ -e "$FOLDER/complaint" ] && cat "$FOLDER/complaint" >&2
  [ -e "$FOLDER/listing.next" ] && rm -f "$FOLDER/complaint"
  [ -e "$FOLDER/listing.next" ] && mv "$FOLDER/listing.next" "$FOLDER/listing"
  exit 0;;
esac
echo "$*" | sed 's/.*--quality [0-9]* --buffer-count [0-9]* *//' >> "$FOLDER/runs"
cat "$FOLDER/sensor" >&2
if [ -s "$FOLDER/sensor" ]; then while [ ! -e "$FOLDER/heard.$$" ]; do sleep 0.01; done; fi
cat "$FRAMES"
echo > "$FOLDER/written"
if [ -e "$FOLDER/late" ]; then
  while [ ! -e "$FOLDER/go" ]; do sleep 0.01; done
  cat "$FOLDER/late" >&2
  while [ ! -e "$FOLDER/heard.$$" ]; do sleep 0.01; done
  cat "$FRAMES"
fi
exec sleep 1000
`;

describe('the view of a camera', () => {
  let folder: ToolFolder;
  let tool: string;
  const streams: CameraStream[] = [];

  beforeEach(async () => {
    folder = await ToolFolder.make();
    tool = await folder.listingTool(TOOL);
    await Promise.all([says('listing', IMX296), says('sensor', `${SENSOR_LINE.imx296}\n`)]);
  });

  afterEach(async () => {
    await close();
    await folder.remove();
  });

  const says = (name: string, text: string): Promise<void> => writeFile(folder.path(name), text);

  async function close(): Promise<void> {
    await Promise.all(streams.splice(0).map((stream) => stream.close(LIMIT_MS)));
  }

  function newSource(clock: Clock = systemClock): RpicamSource {
    const log: Log = (_level, message, context) => {
      if (message !== 'The capture tool wrote to stderr.') return;
      writeFileSync(folder.path(`heard.${String(context?.['pid'])}`), '');
    };
    return new RpicamSource({ captureTool: [tool], clock, log, noteFolder: folder.path('notes') });
  }

  /** Opens the camera, waits for its first frame, and closes it. */
  async function opened(source = newSource(), settings: Parameters<typeof requestFor>[0] = ANY_VIEW) {
    const heard = new HeardStream();
    streams.push(await source.open(requestFor(settings), heard, signal));
    await heard.frames(1);
    await close();
    expect(heard.losses).toEqual([]);
    expect(heard.formats).toHaveLength(1);
    return heard;
  }

  /** What the tool was called for since the last look. */
  async function runs(): Promise<readonly string[]> {
    const lines = (await folder.read('runs')).trim().split('\n');
    await says('runs', '');
    return lines;
  }

  /** A listing is written beside the stream. */
  async function kept(): Promise<string> {
    for (;;) {
      const name = (await readdir(folder.path('notes'))).find((one) => /^camera-[0-9a-f]+\.json$/.test(one));
      if (name !== undefined) return folder.path(`notes/${name}`);
    }
  }

  it('is the widest that keeps the rate, with its mode, and costs later starts no listing', async () => {
    const heard = await opened();
    expect(heard.warnings).toEqual([]);
    expect(heard.formats[0]).toMatchObject({
      model: 'imx296',
      mode: { width: 1456, height: 1088, maxFps: 60.38, crop: [0, 0, 1456, 1088] },
      view: '1456x1088, whole sensor',
    });
    await kept();
    await opened();
    expect(await runs()).toEqual([
      'list',
      '--no-raw --width 1456 --height 1088',
      '--no-raw --width 1456 --height 1088',
    ]);
  });

  it('is asked for by its mode where the size alone would select a slower one', async () => {
    await Promise.all([says('listing', IMX219), says('sensor', `${SENSOR_LINE.imx219}\n`)]);
    await opened(newSource(), { ...ANY_VIEW, fps: 60 });
    expect(await runs()).toEqual(['list', '--mode 1640:1232:8:P --width 1640 --height 1232']);
  });

  it('is that of the camera which is there now, though another one was kept', async () => {
    await opened();
    await kept();
    await runs();
    await Promise.all([says('listing', IMX219), says('sensor', `${SENSOR_LINE.imx219}\n`)]);
    const heard = await opened();
    expect(heard.formats[0]).toMatchObject({ model: 'imx219', view: '1456x1088' }); // the frames are those of the fixture
    expect(heard.warnings).toEqual([
      ['stream_adjusted', 'The camera gives 1456x1088 instead of the requested 1640x1232.'],
    ]);
    expect(await runs()).toEqual([
      '--no-raw --width 1456 --height 1088',
      'list',
      '--no-raw --width 1640 --height 1232',
    ]);
  });

  it('is asked for anew once only, where the listing names another camera than the stream', async () => {
    await opened();
    await kept();
    await says('sensor', `${SENSOR_LINE.imx219}\n`);
    const heard = await opened();
    expect(heard.formats[0]).toMatchObject({ model: 'imx219', mode: null, view: '1456x1088' });
    const size = '--no-raw --width 1456 --height 1088';
    expect(await runs()).toEqual(['list', size, size, 'list', size]);
    await opened();
    expect((await runs())[0]).toBe('list'); // what contradicts itself is not kept
  });

  it('may be closed while it is listed anew', async () => {
    await opened();
    await kept();
    await Promise.all([says('sensor', `${SENSOR_LINE.imx219}\n`), says('hang', '')]);
    const heard = new HeardStream();
    streams.push(await newSource().open(requestFor(ANY_VIEW), heard, signal));
    await folder.file('listing-now');
    const [stream] = streams;
    expect(await stream?.close(LIMIT_MS)).toEqual({ portReleased: true });
    expect(heard.order).toEqual([]);
    expect(heard.pid).toBeNull();
  });

  it('is what the tool chooses where its listing does not end within ten seconds', async () => {
    await says('hang', '');
    const clock = new TestClock();
    const heard = new HeardStream();
    const opening = newSource(clock).open(requestFor(ANY_VIEW), heard, signal);
    await folder.file('listing-now');
    clock.advance(9_999);
    expect(await runs()).toEqual(['list']);
    clock.advance(1);
    streams.push(await opening);
    await heard.frames(1);
    expect(heard.warnings.map(([code]) => code)).toEqual(['view_unknown']);
    expect(await runs()).toEqual(['--no-raw']);
  });

  it('stays paused while it is listed anew', async () => {
    await opened();
    await kept();
    await Promise.all([says('listing', IMX219), says('sensor', `${SENSOR_LINE.imx219}\n`), says('wait', '')]);
    const heard = new HeardStream();
    const stream = await newSource().open(requestFor(ANY_VIEW), heard, signal);
    streams.push(stream);
    await folder.file('listing-now');
    stream.pause();
    await rm(folder.path('written'), { force: true }); // by the process that is replaced
    await rm(folder.path('wait'));
    await folder.file('written');
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    expect(heard.order).toEqual([]);
    stream.resume();
    await heard.frames(3);
  });

  it('is told once, though the id of another camera is read behind the first frames', async () => {
    await opened();
    await kept();
    await says('late', `${SENSOR_LINE.imx219}\n`);
    await says('sensor', '');
    const heard = new HeardStream();
    streams.push(await newSource().open(requestFor(ANY_VIEW), heard, signal));
    await heard.frames(3);
    await says('go', '');
    await heard.frames(6);
    expect(heard.formats).toHaveLength(1);
    expect(heard.losses).toEqual([]);
  });

  it('is listed again after another wait for each index, so that two modules do not meet again and again', async () => {
    await Promise.all([says('complaint', COMPLAINT), says('sensor', '')]);
    await says('listing', `${HELD}${HELD.replace('0 : ', '1 : ')}`);
    const waits = async (index: number): Promise<readonly number[]> => {
      const found: number[] = [];
      const sleep = (delayMs: number): Promise<void> => {
        found.push(delayMs);
        return Promise.resolve();
      };
      const lookup = new CameraLookup({ ...systemClock, sleep }, () => {}, folder.path('notes'));
      await lookup.locateAnew({ program: tool, leadingArguments: [] }, index, signal);
      return found;
    };
    expect([await waits(0), await waits(1)]).toEqual([
      [400, 400],
      [550, 550],
    ]);
  });

  it('is listed by every start where the tool tells no id, but not again for a camera that was lost', async () => {
    await says('sensor', '');
    const source = newSource();
    const heard = await opened(source);
    expect(heard.formats[0]).toMatchObject({
      model: 'imx296',
      cameraId: '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a',
      view: '1456x1088, whole sensor',
    });
    await opened(source);
    await opened();
    const size = '--no-raw --width 1456 --height 1088';
    expect(await runs()).toEqual(['list', size, size, 'list', size]);
  });

  it('is not kept from a run that told no id, though one before told it', async () => {
    await opened();
    const file = await kept();
    await says('sensor', '');
    await opened();
    for (;;)
      if (
        await stat(file).then(
          () => false,
          () => true,
        )
      )
        break;
    await opened();
    expect(await runs()).toEqual(expect.arrayContaining(['list']));
  });

  it.each([
    ['the tool lists nothing', ''],
    [
      'the tool is too old to list rates',
      "0 : imx296 [1456x1088] (/base/i2c@88000/imx296@1a)\n    Modes: 'R10' : 1456x1088\n",
    ],
    ['the index is not listed', IMX296.replace('0 : ', '1 : ')],
  ])('is left to the tool where %s, with a warning', async (_why, listing) => {
    await says('listing', listing);
    const heard = await opened();
    expect(heard.warnings).toEqual([
      ['view_unknown', expect.stringMatching(/could not be listed.* gives its default, 1456x1088\./)],
    ]);
    expect(heard.formats[0]).toMatchObject({ mode: null, view: '1456x1088' });
    expect((await runs()).at(-1)).toBe('--no-raw');
  });

  it('is listed again while somebody else holds the camera', async () => {
    await Promise.all([says('listing', HELD), says('listing.2', IMX219), says('sensor', `${SENSOR_LINE.imx219}\n`)]);
    await says('complaint', COMPLAINT);
    await opened();
    expect(await runs()).toEqual(['list', 'list', '--no-raw --width 1640 --height 1232']);
  });

  it('is not believed where somebody holds the camera all the time, and not known then', async () => {
    await Promise.all([says('listing', HELD), says('complaint', COMPLAINT)]);
    const heard = await opened();
    expect(heard.warnings.map(([code]) => code)).toEqual(['view_unknown']);
    expect(await runs()).toEqual(['list', 'list', 'list', '--no-raw']);
  });

  it('of the only mode is right whoever holds a camera, but its rate is not kept', async () => {
    await says('complaint', COMPLAINT);
    await opened();
    await opened();
    const size = '--no-raw --width 1456 --height 1088';
    expect(await runs()).toEqual(['list', size, 'list', size]);
  });

  it('is believed where nobody holds a camera, though its modes do not differ', async () => {
    await Promise.all([says('listing', HELD), says('sensor', `${SENSOR_LINE.imx219}\n`)]);
    await opened();
    expect((await runs()).slice(0, -1)).toEqual(['list']);
  });

  it('needs no listing where a size is configured, but the model may', async () => {
    await says('sensor', '');
    const heard = await opened(newSource(), { width: 800, height: 600 });
    expect(heard.formats[0]).toMatchObject({ model: 'imx296' });
    expect(await runs()).toEqual(['list', '--no-raw --width 800 --height 600']);
  });

  describe('with a sensor mode that was asked for', () => {
    beforeEach(() => Promise.all([says('listing', IMX219), says('sensor', `${SENSOR_LINE.imx219}\n`)]));

    it('is that of the mode, though another one would be wider', async () => {
      const heard = await opened(newSource(), { ...ANY_VIEW, sensorMode: '640:480:10:P' });
      expect(await runs()).toEqual(['list', '--mode 640:480:10:P --width 640 --height 480']);
      expect(heard.formats[0]?.sensor).toEqual({ width: 3280, height: 2464 });
    });

    it('has the size that was asked for besides, and the mode behind it', async () => {
      const heard = await opened(newSource(), { width: 1456, height: 1088, sensorMode: '1640:1232:8:P' });
      expect(await runs()).toEqual(['list', '--mode 1640:1232:8:P --width 1456 --height 1088']);
      expect(heard.formats[0]).toMatchObject({
        mode: { width: 1640, height: 1232, maxFps: 83.7, crop: [0, 0, 3280, 2464] },
        view: '1456x1088, whole sensor',
      });
    });

    it('is not called the whole sensor where the picture has another shape than the mode', async () => {
      await says('listing', IMX219.replace('1640x1232 [41.85', '3280x1846 [20.00'));
      const heard = await opened(newSource(), { width: 1456, height: 1088, sensorMode: '3280:1846:10:P' });
      expect(heard.formats[0]).toMatchObject({ mode: { width: 3280, height: 1846 }, view: '1456x1088' });
    });

    it('is what the tool prefers for the size where it does not know the option, which is told', async () => {
      tool = await folder.listingTool(
        `case "$*" in *--mode*) echo "ERROR: *** unrecognised option '--mode' ***" >&2; exit 255;; esac${TOOL}`,
      );
      const heard = await opened(newSource(), { width: 1456, height: 1088, sensorMode: '1640:1232:8:P' });
      expect((await runs()).at(-1)).toBe('--no-raw --width 1456 --height 1088');
      expect(heard.formats[0]?.mode).toBeNull(); // whatever the tool took, it was not told to
      expect(heard.warnings).toEqual([
        ['option_left_out', expect.stringMatching(/left out: --mode. Without effect are the settings sensorMode.$/)],
      ]);
    });

    it('is asked for though it is not listed: the tool knows better', async () => {
      const heard = await opened(newSource(), { ...ANY_VIEW, sensorMode: '1456:1088:12:P' });
      expect(await runs()).toEqual(['list', '--mode 1456:1088:12:P --width 1456 --height 1088']);
      expect(heard.formats[0]).toMatchObject({ mode: null, view: '1456x1088' });
      expect(heard.warnings).toEqual([]);
    });
  });
});
