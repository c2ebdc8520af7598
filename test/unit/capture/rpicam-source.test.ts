import { chmod, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CameraIdentity, CameraStream, CaptureRequest } from '../../../src/capture/camera-source.js';
import { RpicamSource } from '../../../src/capture/rpicam-source.js';
import { runTool } from '../../../src/capture/tool-run.js';
import { systemClock } from '../../../src/core/clock.js';
import { TestClock } from './test-clock.js';
import { FIRST_NS, frameStream, HeardStream, processEnd, requestFor, ToolFolder } from './tool-fixtures.js';

const LIST = `Available cameras
0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)
    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]
1 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@80000/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
`;
const LONG_MS = 20_000;
const signal = new AbortController().signal;

describe('RpicamSource', () => {
  let folder: ToolFolder;
  const streams: CameraStream[] = [];

  beforeEach(async () => {
    folder = await ToolFolder.make();
  });

  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.close(LONG_MS)));
    await folder.remove();
  });

  async function open(
    tool: readonly string[] | string,
    options: Partial<ConstructorParameters<typeof RpicamSource>[0]> = {},
    request: CaptureRequest = requestFor(),
  ) {
    const captureTool = typeof tool === 'string' ? [tool] : tool;
    const source = new RpicamSource({
      captureTool,
      clock: systemClock,
      noteFolder: folder.path('notes'),
      ...options,
    });
    const heard = new HeardStream();
    const stream = await source.open(request, heard, signal);
    streams.push(stream);
    return { source, stream, heard };
  }

  describe('the stream', () => {
    it('gives format, frames and times, then tells why it is over, once', async () => {
      const tool = await folder.tool('cat "$FRAMES"; exit 0');
      const { heard } = await open(tool);
      const error = await heard.lost;
      expect(heard.order).toEqual(['format', 'frame', 'frame', 'frame', 'lost']);
      expect(heard.formats).toEqual([
        { index: 0, cameraId: '', model: '', width: 1456, height: 1088, mode: null, view: '1456x1088' },
      ]);
      expect(heard.timestamps[0]).toBe(FIRST_NS);
      expect(heard.warnings).toEqual([]);
      expect(error.code).toBe('capture_failed');
      expect(error.message).toContain('exit code 0 after 3 frames');
    });

    it('gives what the metadata of a frame tell, and their text only where it is asked for', async () => {
      const tool = await folder.tool('cat "$FRAMES"', frameStream(1, { ExposureTime: 4000 }));
      for (const keepsMetadataText of [true, false]) {
        const { heard } = await open(tool, {}, requestFor({ keepsMetadataText }));
        await heard.lost;
        const text = keepsMetadataText ? `SensorTimestamp=${FIRST_NS}\nExposureTime=4000` : '';
        expect(heard.metadata).toMatchObject([{ exposureTimeUs: 4000, gain: null, text }]);
      }
    });

    it('delivers everything that was written before the process ended', async () => {
      const tool = await folder.tool('cat "$FRAMES"; kill -KILL $$', frameStream(500));
      const { heard } = await open(tool);
      const error = await heard.lost;
      expect(heard.timestamps).toHaveLength(500);
      expect(error.context).toMatchObject({ signal: 'SIGKILL', frames: 500 });
    });

    it('starts the tool without a shell, in a group of its own, with a small environment', async () => {
      process.env['LIBCAMERA_RPI_TEST'] = 'kept';
      process.env['SECRET_OF_THE_HOST'] = 'kept to ourselves';
      const tool = await folder.tool(
        'echo "$*" > "$FOLDER/arguments"; env > "$FOLDER/environment"; cut -d" " -f5 /proc/$$/stat > "$FOLDER/group"; echo $$ >> "$FOLDER/group"; cat "$FRAMES"',
      );
      const { heard } = await open([tool, '$(touch "$FOLDER/shell")', '; exit 3']);
      await heard.lost;
      expect(await folder.read('arguments')).toMatch(
        /^\$\(touch "\$FOLDER\/shell"\) ; exit 3 --nopreview --timeout 0 .*--camera 0 /,
      );
      const environment = await folder.read('environment');
      expect(environment).toContain('LC_ALL=C');
      expect(environment).toContain('LIBCAMERA_LOG_NO_COLOR=1');
      expect(environment).toContain('LIBCAMERA_RPI_TEST=kept');
      expect(environment).not.toContain('SECRET');
      const [group, pid] = (await folder.read('group')).trim().split('\n');
      expect(group).toBe(pid);
      delete process.env['LIBCAMERA_RPI_TEST'];
      delete process.env['SECRET_OF_THE_HOST'];
    });

    it('counts a frame that the end of the process cut', async () => {
      const whole = frameStream(2);
      const tool = await folder.tool('cat "$FRAMES"', whole.subarray(0, whole.length - 500));
      const { heard } = await open(tool);
      await heard.lost;
      expect(heard.order).toEqual(['format', 'frame', 'corrupt', 'lost']);
    });

    it('stops reading while it is paused, and loses nothing', async () => {
      const tool = await folder.tool('cat "$FRAMES"', frameStream(300));
      const { heard, stream } = await open(tool);
      stream.pause();
      stream.resume();
      await heard.frames(1);
      stream.pause();
      const { length } = heard.timestamps;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      expect(heard.timestamps).toHaveLength(length);
      expect(length).toBeLessThan(300);
      stream.resume();
      await heard.lost;
      expect(heard.timestamps).toHaveLength(300);
    });

    it('keeps what a process wrote before it ended while reading was paused', async () => {
      const tool = await folder.tool('cat "$FRAMES"', frameStream(2));
      const clock = new TestClock();
      const { heard, stream } = await open(tool, { clock });
      stream.pause();
      await processEnd(Number(heard.pid));
      clock.advance(1000);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      expect(heard.order).toEqual([]);
      stream.resume();
      await heard.lost;
      expect(heard.timestamps).toHaveLength(2);
    });
  });

  describe('what the camera gives', () => {
    it('is compared with what was asked for', async () => {
      const tool = await folder.tool('cat "$FRAMES"', frameStream(12, { FrameDuration: 33_333 }));
      const { heard } = await open(tool, {}, requestFor({ width: 1920, height: 1080, fps: 60 }));
      await heard.lost;
      expect(heard.warnings).toEqual([
        ['stream_adjusted', 'The camera gives 1456x1088 instead of the requested 1920x1080.'],
        ['rate_adjusted', 'The camera gives 30 frames a second instead of the requested 60.'],
      ]);
    });

    it('is no warning where it is what was asked for', async () => {
      const tool = await folder.tool('cat "$FRAMES"', frameStream(12, { FrameDuration: 16_600 }));
      const { heard } = await open(tool, {}, requestFor({ width: 1456, height: 1088 }));
      await heard.lost;
      expect(heard.warnings).toEqual([]);
    });

    it('is compared with each setting too, once for each', async () => {
      const told = { FrameDuration: 16_666, ExposureTime: 4000, AnalogueGain: 2 };
      const tool = await folder.tool('cat "$FRAMES"', frameStream(40, told));
      const asked = { exposureTimeUs: 5000, gain: 2, focusMode: 'manual', brightness: 0.5 } as const;
      const { heard } = await open(tool, {}, requestFor(asked));
      await heard.lost;
      expect(heard.warnings).toEqual([
        ['setting_without_effect', 'exposureTimeUs: asked 5000, the camera gives 4000.'],
        ['setting_without_effect', 'focusMode: asked manual, the camera gives no lens position (a fixed lens).'],
      ]);
    });

    it('is told by its sensor line where no camera was looked up', async () => {
      const tool = await folder.tool(
        'mkfifo "$FOLDER/go"; echo "Sensor: /base/rp1/i2c@88000/imx296@1a - Selected sensor format: x" >&2; read line < "$FOLDER/go"; cat "$FRAMES"',
      );
      const levels: string[] = [];
      let onLine = (): void => {};
      const line = new Promise<void>((resolve) => {
        onLine = resolve;
      });
      const { heard } = await open(tool, {
        log: (level, message) => {
          levels.push(`${level}: ${message}`);
          if (message === 'The capture tool wrote to stderr.') onLine();
        },
      });
      await line;
      await writeFile(folder.path('go'), '\n');
      await heard.frames(1);
      expect(heard.formats).toMatchObject([
        { index: 0, cameraId: '/base/rp1/i2c@88000/imx296@1a', model: 'imx296', width: 1456, height: 1088 },
      ]);
      expect(levels).toEqual(['info: The capture process started.', 'debug: The capture tool wrote to stderr.']);
    });

    it('may lack metadata: frames come all the same, and one warning', async () => {
      const frames = Buffer.concat(
        frameStream(3)
          .toString('latin1')
          .split(/SensorTimestamp=\d+\n\n/)
          .map((part) => Buffer.from(part, 'latin1')),
      );
      const tool = await folder.tool('cat "$FRAMES"', frames);
      const { heard } = await open(tool);
      await heard.lost;
      expect(heard.timestamps).toEqual([0n, 0n, 0n]);
      expect(heard.warnings.map(([code]) => code)).toEqual(['metadata_missing']);
    });
  });

  describe('old versions', () => {
    const OLD = `
case "$*" in
  *--metadata*) echo "ERROR: *** unrecognised option '--metadata' ***" >&2; exit 255;;
  *--buffer-count*) echo "ERROR: *** unrecognised option '--buffer-count' ***" >&2; exit 255;;
  *--no-raw*) echo "ERROR: *** unrecognised option '--no-raw' ***" >&2; exit 255;;
esac
echo run >> "$FOLDER/runs"
cat "$FRAMES"`;

    it('are tried again without each option that they do not know, with one warning', async () => {
      const tool = await folder.tool(OLD);
      const { heard, source } = await open(tool);
      await heard.lost;
      expect(heard.timestamps).toHaveLength(3);
      expect(heard.losses).toHaveLength(1);
      expect(heard.warnings[0]).toEqual([
        'option_left_out',
        `Options that ${tool} does not know were left out: --metadata, --buffer-count, --no-raw.`,
      ]);
      const again = new HeardStream();
      streams.push(await source.open(requestFor(), again, signal));
      await again.lost;
      expect(again.timestamps).toHaveLength(3);
      expect(await folder.read('runs')).toBe('run\nrun\n');
    });

    it('lose the settings that need such options, which are named, and start once for each', async () => {
      const tool = await folder.tool(`
echo start >> "$FOLDER/starts"
for option in --autofocus-mode --hdr --lens-position --flicker-period; do
  case "$*" in *"$option"*) echo "ERROR: *** unrecognised option '$option' ***" >&2; exit 255;; esac
done
echo "$*" > "$FOLDER/arguments"
cat "$FRAMES"`);
      const asked = { lensPositionDioptres: 2, hdr: 'auto', flickerPeriodUs: 10_000, gain: 2 } as const;
      const { heard, source } = await open(tool, {}, requestFor(asked));
      await heard.lost;
      expect(heard.timestamps).toHaveLength(3);
      expect(heard.warnings).toEqual([
        [
          'option_left_out',
          `Options that ${tool} does not know were left out: --autofocus-mode, --hdr, --flicker-period, --lens-position. ` +
            'Without effect are the settings flickerPeriodUs, lensPositionDioptres, hdr.',
        ],
      ]);
      expect(await folder.read('arguments')).toMatch(/--height 1088 --gain 2\n$/);
      expect(await folder.read('starts')).toBe('start\n'.repeat(4));
      const again = new HeardStream();
      streams.push(await source.open(requestFor({ gain: 2 }), again, signal));
      await again.lost;
      expect(again.warnings).toEqual([]); // nothing asks for them any more
      expect(await folder.read('starts')).toBe('start\n'.repeat(5));
    });

    it('are given up when they do not know an option that is needed', async () => {
      const tool = await folder.tool(`echo "ERROR: *** unrecognised option '--codec' ***" >&2; exit 255`);
      const { heard } = await open(tool);
      expect((await heard.lost).code).toBe('unsupported_mode');
    });

    it('are not tried for ever', async () => {
      const tool = await folder.tool(`echo "ERROR: *** unrecognised option '--no-raw' ***" >&2; exit 255`);
      const { heard } = await open(tool);
      expect((await heard.lost).code).toBe('unsupported_mode');
    });

    it('may be gone when they are tried again', async () => {
      const tool = await folder.tool(`rm "$0"; echo "ERROR: *** unrecognised option '--no-raw' ***" >&2; exit 255`);
      const { heard } = await open(tool);
      expect((await heard.lost).code).toBe('capture_tool_missing');
    });

    it('hold up no close when they are gone just then', async () => {
      for (let turns = 0; turns < 12; turns += 1) {
        const tool = await folder.tool(`rm "$0"; echo "ERROR: *** unrecognised option '--no-raw' ***" >&2; exit 255`);
        const { heard, stream } = await open(tool);
        while (heard.pid !== null) await new Promise(setImmediate);
        for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        const beganMs = performance.now();
        expect(await stream.close(5_000)).toEqual({ portReleased: true });
        expect(performance.now() - beganMs).toBeLessThan(4_000);
      }
    });

    it('are ended when the stream is closed while they are tried again', async () => {
      const tool = await folder.tool(
        `case "$*" in *--no-raw*) echo "ERROR: *** unrecognised option '--no-raw' ***" >&2; exit 255;; esac
        cat "$FRAMES"; exec sleep 1000`,
      );
      const heard = new HeardStream();
      const pids: unknown[] = [];
      let onSecond = (): void => {};
      const second = new Promise<void>((resolve) => {
        onSecond = resolve;
      });
      let closing: Promise<{ readonly portReleased: boolean }> | undefined;
      const source = new RpicamSource({
        captureTool: [tool],
        clock: systemClock,
        log: (_level, message, context) => {
          if (message !== 'The capture process started.') return;
          pids.push(context?.['pid']);
          if (pids.length < 2) return;
          closing = stream.close(LONG_MS); // in the middle of its start
          onSecond();
        },
      });
      const stream = await source.open(requestFor(), heard, signal);
      streams.push(stream);
      await second;
      expect(await closing).toEqual({ portReleased: true });
      await processEnd(Number(pids[1]));
      expect(heard.losses).toEqual([]);
    });
  });

  describe('a tool that fails', () => {
    it.each([
      ['camera_in_use', 'ERROR: *** failed to acquire camera /base/x ***'],
      ['camera_not_found', 'ERROR: *** no cameras available ***'],
      ['permission_denied', 'Permission denied'],
    ])('gives %s for its message', async (code, message) => {
      const tool = await folder.tool(`echo "${message}" >&2; exit 255`);
      const { heard } = await open(tool);
      const error = await heard.lost;
      expect(error.code).toBe(code);
      expect(error.context).toMatchObject({ exitCode: 255, stderr: message });
    });

    it('is not judged by what it survived: old lines do not explain a new end', async () => {
      const tool = await folder.tool(
        'mkfifo "$FOLDER/go"; echo "ERROR: Device timeout detected, attempting a restart!!!" >&2; cat "$FRAMES"; read go < "$FOLDER/go"; cat "$FRAMES"; exit 1',
        frameStream(1),
      );
      const clock = new TestClock();
      // Frames and stderr come through two pipes, in any order: both are old only when both were read.
      let onLine = (): void => {};
      const isRead = new Promise<void>((resolve) => {
        onLine = resolve;
      });
      const log = (_level: string, message: string): void => {
        if (message === 'The capture tool wrote to stderr.') onLine();
      };
      const { heard } = await open(tool, { clock, log });
      await Promise.all([heard.frames(1), isRead]);
      clock.stall(4000); // no timeout: it is we who stood still
      await writeFile(folder.path('go'), '\n');
      expect((await heard.lost).code).toBe('capture_failed');
      expect(heard.timestamps).toHaveLength(2);
    });

    it('is capture_tool_missing when it is not there, is no program, or may not be run', async () => {
      await expect(open(folder.path('nothing'))).rejects.toMatchObject({ code: 'capture_tool_missing' });
      const plain = await folder.tool('exit 0');
      await chmod(plain, 0o644);
      await expect(open(plain)).rejects.toMatchObject({
        code: 'capture_tool_missing',
        message: expect.stringContaining('EACCES'),
      });
      await writeFile(folder.path('text'), '/no/such/program', { mode: 0o755 });
      const { heard } = await open(folder.path('text')); // the C library has it run by sh
      expect((await heard.lost).code).toBe('capture_tool_missing');
    });

    it('is capture_failed when it cannot be started for another reason', async () => {
      const tool = await folder.tool('exit 0');
      await expect(open([tool, 'x'.repeat(3_000_000)])).rejects.toMatchObject({
        code: 'capture_failed',
        context: { errno: 'E2BIG' },
      });
    });

    it('is invalid_setting where it refuses one, in its own words', async () => {
      const tool = await folder.tool('echo "ERROR: *** Invalid AWB mode: custom ***" >&2; exit 255');
      const { heard } = await open(tool, {}, requestFor({ whiteBalance: 'custom' }));
      const error = await heard.lost;
      expect(error.code).toBe('invalid_setting');
      expect(error.message).toContain('"Invalid AWB mode: custom"');
    });

    it('is not even started with settings that cannot be used', async () => {
      const tool = await folder.tool('echo run > "$FOLDER/ran"');
      await expect(open(tool, {}, requestFor({ fps: -1 }))).rejects.toMatchObject({ code: 'invalid_setting' });
      await expect(folder.read('ran')).rejects.toThrow('ENOENT');
    });

    it('may flood stderr: little of it is logged, nothing of the stream is lost', async () => {
      const tool = await folder.tool(
        'yes "[0:00:01.0] [9] ERROR V4L2 x.cpp:1 flood" | head -c 10000000 >&2; cat "$FRAMES"; exit 1',
        frameStream(50),
      );
      const logged: string[] = [];
      const { heard } = await open(tool, { log: (_level, message) => logged.push(message) });
      const error = await heard.lost;
      expect(heard.timestamps).toHaveLength(50);
      expect(logged.length).toBeLessThan(80);
      expect(String(error.context['stderr']).length).toBeLessThanOrEqual(2000);
    });
  });

  describe('a camera in use', () => {
    const IN_USE = `echo attempt >> "$FOLDER/attempts"
if [ $(wc -l < "$FOLDER/attempts") -lt "$TRIES" ]; then echo "ERROR: *** failed to acquire camera /base/x ***" >&2; exit 255; fi
cat "$FRAMES"; exec sleep 1000`;

    it('is tried again, since whoever lists the cameras holds each for a moment', async () => {
      const { heard } = await open(await folder.tool(`TRIES=3\n${IN_USE}`));
      await heard.frames(3);
      expect(heard.losses).toEqual([]);
      expect(heard.warnings).toEqual([]);
    });

    it('is lost where it stays in use', async () => {
      const { heard } = await open(await folder.tool(`TRIES=10\n${IN_USE}`));
      expect(await heard.lost).toMatchObject({ code: 'camera_in_use' });
      expect(await folder.read('attempts')).toBe('attempt\n'.repeat(3));
    });

    it('holds up no close while it waits for the next attempt', async () => {
      const clock = new TestClock();
      const { heard, stream } = await open(await folder.tool(`TRIES=10\n${IN_USE}`), { clock });
      while (heard.pid !== null) await new Promise(setImmediate);
      expect(await stream.close(LONG_MS)).toEqual({ portReleased: true });
      expect(heard.losses).toEqual([]);
      expect(await folder.read('attempts')).toBe('attempt\n');
      expect(clock.pendingTimers).toBe(0);
    });
  });

  describe('a camera that hangs', () => {
    it('is lost after the frame timeout, and its process is killed', async () => {
      const clock = new TestClock();
      const tool = await folder.tool('trap "" INT; cat "$FRAMES"; while :; do sleep 1000; done');
      const { heard, stream } = await open(tool, { clock });
      await heard.frames(3);
      const pid = Number(heard.pid);
      await advanceUntil(clock, heard.lost, 2600);
      expect(heard.losses[0]).toMatchObject({ code: 'frame_timeout', context: { frames: 3 } });
      expect(await stream.close(LONG_MS)).toEqual({ portReleased: true });
      await processEnd(pid);
      expect(heard.losses).toHaveLength(1);
      expect(heard.pid).toBeNull();
    });

    it('is let go of when even SIGKILL does not end it, with an error in the log', async () => {
      const clock = new TestClock();
      const tool = await folder.tool('cat "$FRAMES"; exec sleep 1000');
      const logged: string[] = [];
      const { heard } = await open(tool, { clock, log: (level, message) => logged.push(`${level}: ${message}`) });
      await heard.frames(3);
      // Its exit is not heard of before the next turn of the event loop: until then it is stuck for us.
      void heard.lost.then(() => {
        clock.advance(5000);
      });
      await advanceUntil(clock, heard.lost, 2600);
      expect(logged).toContain('error: The capture process could not be killed.');
    });

    it('is lost when no first frame comes, with the reason that stderr has', async () => {
      const clock = new TestClock();
      const tool = await folder.tool('echo "failed to queue request" >&2; exec sleep 1000');
      let onLine = (): void => {};
      const line = new Promise<void>((resolve) => {
        onLine = resolve;
      });
      const { heard } = await open(tool, {
        clock,
        log: (_level, message) => {
          if (message === 'The capture tool wrote to stderr.') onLine();
        },
      });
      await line;
      await advanceUntil(clock, heard.lost, 6000);
      expect(heard.losses[0]).toMatchObject({
        code: 'capture_failed',
        message: expect.stringContaining('No first frame came'),
      });
    });

    it('is lost when it sends garbage instead of frames', async () => {
      const clock = new TestClock();
      const tool = await folder.tool(
        'cat "$FRAMES"; exec cat /dev/zero',
        Buffer.concat([frameStream(3), Buffer.alloc(10_000)]),
      );
      const { heard } = await open(tool, { clock });
      await heard.frames(3);
      await advanceUntil(clock, heard.lost, 3000);
      expect(heard.losses[0]?.code).toBe('frame_timeout');
      expect(heard.corrupt).toHaveLength(1);
    });

    it('is lost when it closes its stream and lives on, and is ended without a grace', async () => {
      const tool = await folder.tool(
        'trap "" INT; cat "$FRAMES"; exec >&-; : > "$FOLDER/closed"; while :; do sleep 1000; done',
      );
      const clock = new TestClock();
      const { heard, stream } = await open(tool, { clock });
      const pid = Number(heard.pid);
      await folder.file('closed'); // on a busy machine the clock would have run out before
      await advanceUntil(clock, heard.lost, 5000);
      const error = await heard.lost;
      expect(error.message).toContain('stream of');
      await processEnd(pid); // though the clock stands still from here on
      expect(await stream.close(LONG_MS)).toEqual({ portReleased: true });
    });
  });

  /** Small steps with turns of the event loop between, as time goes. */
  async function advanceUntil(clock: TestClock, event: Promise<unknown>, atMostMs: number): Promise<void> {
    const happened = event.then(() => true);
    for (let ms = 0; ms < atMostMs; ms += 20) {
      clock.advance(20);
      const turn = new Promise<boolean>((resolve) => {
        setImmediate(resolve, false);
      });
      if (await Promise.race([happened, turn])) return;
    }
    await event;
  }

  describe('close', () => {
    it('asks with SIGINT, delivers what still comes, and says nothing is lost', async () => {
      // More than a socket holds: some of it is still unread when the process has ended.
      const tool = await folder.tool(
        'mkfifo "$FOLDER/never"; trap \'cat "$FRAMES"; exit 0\' INT; cat "$FRAMES"; while :; do read line < "$FOLDER/never"; done',
        frameStream(300),
      );
      const { heard, stream } = await open(tool);
      await heard.frames(300);
      expect(await stream.close(LONG_MS)).toEqual({ portReleased: true });
      expect(heard.timestamps).toHaveLength(600);
      expect(heard.losses).toEqual([]);
    });

    it('gives the same answer twice', async () => {
      const tool = await folder.tool('cat "$FRAMES"; exec sleep 1000');
      const { heard, stream } = await open(tool);
      await heard.frames(1);
      const [one, two] = await Promise.all([stream.close(LONG_MS), stream.close(1)]);
      expect(one).toEqual({ portReleased: true });
      expect(two).toBe(one);
    });

    it('kills after a second what ignores SIGINT, with its whole group', async () => {
      const clock = new TestClock();
      const tool = await folder.tool(
        'trap "" INT; sleep 1000 & echo $! > "$FOLDER/child"; cat "$FRAMES"; while :; do sleep 1000; done',
      );
      const { heard, stream } = await open(tool, { clock });
      await heard.frames(3);
      const pid = Number(heard.pid);
      const closed = stream.close(LONG_MS);
      clock.advance(900);
      process.kill(pid, 0); // still there
      clock.advance(200);
      expect(await closed).toEqual({ portReleased: true });
      await processEnd(pid);
      await processEnd(Number(await folder.read('child')));
    });

    it('kills earlier where less time is given', async () => {
      const clock = new TestClock();
      const tool = await folder.tool('trap "" INT; cat "$FRAMES"; while :; do sleep 1000; done');
      const { heard, stream } = await open(tool, { clock });
      await heard.frames(3);
      const closed = stream.close(800);
      clock.advance(560);
      expect(await closed).toEqual({ portReleased: true });
    });

    it('ends a wrapper script and the camera in it', async () => {
      const tool = await folder.tool('(cat "$FRAMES"; exec sleep 1000) & echo $! > "$FOLDER/child"; wait');
      const { heard, stream } = await open(tool);
      await heard.frames(3);
      expect(await stream.close(LONG_MS)).toEqual({ portReleased: true });
      await processEnd(Number(await folder.read('child')));
    });

    it('leaves nobody of the group behind when the leader ends by itself', async () => {
      const tool = await folder.tool('sleep 1000 & echo $! > "$FOLDER/child"; cat "$FRAMES"; exit 1');
      const { heard } = await open(tool);
      await heard.lost;
      await processEnd(Number(await folder.read('child')));
    });

    it('does not wait for a stranger who left the group with the stream in hand', async () => {
      const tool = await folder.tool(
        'setsid sleep 1000 & echo $! > "$FOLDER/child"; cat "$FRAMES"; while [ ! -s "$FOLDER/child" ]; do :; done; exit 1',
      );
      const { heard } = await open(tool);
      await heard.lost;
      expect(heard.timestamps).toHaveLength(3);
      process.kill(Number(await folder.read('child')), 'SIGKILL');
    });

    it('works after a loss, on a paused stream, and before the first frame', async () => {
      const gone = await open(await folder.tool('exit 1', undefined, 'gone'));
      await gone.heard.lost;
      expect(await gone.stream.close(LONG_MS)).toEqual({ portReleased: true });
      const paused = await open(await folder.tool('exec cat "$FRAMES"', frameStream(1000), 'paused'));
      paused.stream.pause();
      expect(await paused.stream.close(LONG_MS)).toEqual({ portReleased: true });
      paused.stream.pause();
      paused.stream.resume();
      const early = await open(await folder.tool('exec sleep 1000', undefined, 'early'));
      expect(await early.stream.close(LONG_MS)).toEqual({ portReleased: true });
    });

    it('gives up at its limit', async () => {
      const clock = new TestClock();
      const tool = await folder.tool('cat "$FRAMES"; exec sleep 1000');
      const { heard, stream } = await open(tool, { clock });
      await heard.frames(3);
      const pid = Number(heard.pid);
      const closed = stream.close(0); // no process ends in no time
      clock.advance(0);
      expect(await closed).toEqual({ portReleased: false });
      await processEnd(pid);
    });
  });

  describe('the right camera', () => {
    const LISTING = `
if [ "$1" = --list-cameras ]; then cat <<'END'
${LIST}END
exit 0; fi
echo "$*" > "$FOLDER/arguments"
`;

    function requestOf(camera: CameraIdentity): CaptureRequest {
      return { ...requestFor(), camera };
    }

    it('is opened under the index that the id has now', async () => {
      const tool = await folder.listingTool(
        `${LISTING}echo "Sensor: /base/axi/pcie@120000/rp1/i2c@80000/imx219@10 - Selected sensor format: x" >&2; cat "$FRAMES"; exec sleep 1000`,
      );
      const { heard } = await open(tool, {}, requestOf({ index: 0, stableId: 'i2c@80000/imx219@10' }));
      await heard.frames(3);
      expect(await folder.read('arguments')).toContain('--camera 1 ');
      expect(heard.formats[0]).toMatchObject({
        index: 1,
        cameraId: '/base/axi/pcie@120000/rp1/i2c@80000/imx219@10',
        model: 'imx219',
      });
      expect(heard.losses).toEqual([]);
    });

    it('is camera_not_found where it is missing, and nothing is opened', async () => {
      const tool = await folder.listingTool(`${LISTING}cat "$FRAMES"`);
      await expect(open(tool, {}, requestOf({ index: 0, hardwareModel: 'imx708' }))).rejects.toMatchObject({
        code: 'camera_not_found',
      });
      await expect(folder.read('arguments')).rejects.toThrow('ENOENT');
    });

    it('is camera_not_found when another sensor answers after all', async () => {
      const tool = await folder.listingTool(
        `${LISTING}echo "Sensor: /base/axi/pcie@120000/rp1/i2c@88000/imx296@1a - Selected sensor format: x" >&2; exec sleep 1000`,
      );
      const { heard } = await open(tool, {}, requestOf({ index: 0, hardwareModel: 'imx219' }));
      const pid = Number(heard.pid);
      const error = await heard.lost;
      expect(error.code).toBe('camera_not_found');
      expect(heard.timestamps).toEqual([]);
      await processEnd(pid);
    });

    it('is the one at the index where that is all that is known, whatever is listed', async () => {
      const tool = await folder.tool('cat "$FRAMES"');
      const { heard } = await open(tool, {}, requestOf({ index: 0, stableId: 'picam:1' }));
      await heard.lost;
      expect(heard.formats[0]?.index).toBe(1);
    });
  });

  describe('list', () => {
    async function list(script: string, given: AbortSignal = signal, clock = systemClock) {
      const tool = await folder.listingTool(script);
      return new RpicamSource({ captureTool: [tool], clock }).list(given);
    }

    it('gives the cameras', async () => {
      const cameras = await list(`cat <<'END'\n${LIST}END`);
      expect(cameras.map(({ model }) => model)).toEqual(['imx296', 'imx219']);
    });

    it.each([
      'echo "No cameras available!"',
      'echo "ERROR: *** no cameras available ***" >&2; exit 255',
      'echo "Made X/EGL preview window" >&2',
    ])('gives none for %j', async (script) => {
      expect(await list(script)).toEqual([]);
    });

    it.each([
      ['permission_denied', 'echo "Permission denied" >&2; echo "No cameras available!"'],
      ['capture_tool_missing', 'echo "error while loading shared libraries: x" >&2; exit 127'],
      ['capture_failed', 'echo "camera manager failed to start" >&2; exit 255'],
      ['capture_failed', 'kill -ABRT $$'],
    ])('rejects with %s for %j', async (code, script) => {
      await expect(list(script)).rejects.toMatchObject({ code });
    });

    it('rejects when the tool is not there', async () => {
      const source = new RpicamSource({ captureTool: [folder.path('nothing')], clock: systemClock });
      await expect(source.list(signal)).rejects.toMatchObject({ code: 'capture_tool_missing' });
    });

    it('rejects after ten seconds, and the tool is killed', async () => {
      const clock = new TestClock();
      const tool = await folder.listingTool('echo $$ > "$FOLDER/pid"; exec sleep 1000');
      const listed = new RpicamSource({ captureTool: [tool], clock }).list(signal);
      const failed = expect(listed).rejects.toMatchObject({
        code: 'capture_failed',
        message: expect.stringContaining('within 10000 ms'),
      });
      const pid = await pidIn('pid');
      clock.advance(10_000);
      await failed;
      await processEnd(pid);
    });

    it('ends at once with the reason of its signal, and the tool is killed', async () => {
      const abort = new AbortController();
      const listed = list('echo $$ > "$FOLDER/pid"; exec sleep 1000', abort.signal);
      const failed = expect(listed).rejects.toThrow('not needed any more');
      const pid = await pidIn('pid');
      abort.abort(new Error('not needed any more'));
      await failed;
      await processEnd(pid);
      await expect(list('exit 0', abort.signal)).rejects.toThrow('not needed any more');
    });

    it('ends at once when its signal comes while the tool is being started', async () => {
      const abort = new AbortController();
      const program = await folder.listingTool('exec sleep 1000');
      const options = { limitMs: 1000, clock: new TestClock(), signal: abort.signal };
      const listed = runTool({ program, leadingArguments: [] }, ['--list-cameras'], options);
      abort.abort(new Error('not needed any more'));
      await expect(listed).rejects.toThrow('not needed any more');
    });

    async function pidIn(name: string): Promise<number> {
      for (;;) {
        const text = await folder.read(name).catch(() => '');
        if (text.endsWith('\n')) return Number(text);
      }
    }
  });

  describe('open with a signal', () => {
    it('starts nothing when it is aborted already', async () => {
      const tool = await folder.tool('echo run > "$FOLDER/ran"');
      const source = new RpicamSource({ captureTool: [tool], clock: systemClock });
      await expect(source.open(requestFor(), new HeardStream(), AbortSignal.abort(new Error('no')))).rejects.toThrow(
        'no',
      );
      await expect(folder.read('ran')).rejects.toThrow('ENOENT');
    });

    it('leaves nothing running when it is aborted while the process starts', async () => {
      const tool = await folder.tool('exec sleep 1000');
      const abort = new AbortController();
      const pids: number[] = [];
      const heard = new HeardStream();
      const source = new RpicamSource({
        captureTool: [tool],
        clock: systemClock,
        log: (_level, message, context) => {
          if (message !== 'The capture process started.') return;
          pids.push(Number(context?.['pid']));
          abort.abort(new Error('changed my mind'));
        },
      });
      await expect(source.open(requestFor(), heard, abort.signal)).rejects.toThrow('changed my mind');
      expect(pids).toHaveLength(1);
      await processEnd(Number(pids[0]));
      expect(heard.losses).toEqual([]);
    });
  });
});
