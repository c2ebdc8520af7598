import { describe, expect, it } from '@jest/globals';
import {
  classify,
  endedError,
  isComplaint,
  silenceError,
  textOf,
  unknownOption,
} from '../../../src/capture/rpicam-errors.js';

const FAILED = { tool: 'rpicam-vid', frames: 0, exit: { code: 255, signal: null } };

describe('classify', () => {
  it.each([
    ['capture_tool_missing', ['rpicam-vid: error while loading shared libraries: libcamera.so.0.5: cannot open']],
    ['capture_tool_missing', ['rpicam-vid: symbol lookup error: undefined symbol: _ZN9libcamera']],
    ['permission_denied', ['Failed to open /dev/media0: Permission denied', 'ERROR: *** no cameras available ***']],
    ['permission_denied', ['[0:00:01.0] [9] ERROR RPI dma_heaps.cpp:53 Could not open any dmaHeap device']],
    ['permission_denied', ['Could not open any dma-buf provider', 'no cameras available']],
    ['camera_in_use', ['ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/imx219@10 ***']],
    ['camera_in_use', ['Unable to set format: Device or resource busy', 'ERROR: *** failed to configure streams ***']],
    ['camera_not_found', ['ERROR: *** no cameras available ***']],
    ['camera_not_found', ['ERROR: *** selected camera is not available ***']],
    ['camera_not_found', ['ERROR: *** failed to find camera /base ***']],
    ['camera_disconnected', ['Failed to start streaming: Input/output error', 'ERROR: *** failed to start camera ***']],
    ['camera_disconnected', ['Remote I/O error', 'failed to start camera']],
    ['frame_timeout', ['WARN V4L2 v4l2_videodevice.cpp:2150 Dequeue timer of 1000000.00us has expired!']],
    ['frame_timeout', ['Camera frontend has timed out!']],
    ['frame_timeout', ['ERROR: Device timeout detected, attempting a restart!!!']],
    ['unsupported_mode', ['failed to valid stream configurations']],
    ['unsupported_mode', ['ERROR: *** failed to configure streams ***']],
    ['unsupported_mode', ['failed to generate video configuration']],
    ['unsupported_mode', ["Can't configure camera with invalid configuration"]],
    ['unsupported_mode', ['ERROR: *** Invalid mode ***']],
    ['unsupported_mode', ["ERROR: *** unrecognised option '--flush' ***"]],
    ['invalid_setting', ['ERROR: *** Invalid AWB mode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid AWB gains ***']],
    ['invalid_setting', ['ERROR: *** Invalid denoise mode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid AfMode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid AfRange mode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid afSpeed mode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid HDR option provided: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid metering mode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid exposure mode: foo ***']],
    ['invalid_setting', ['ERROR: *** Invalid time string provided ***']],
    ['invalid_setting', ["ERROR: *** the argument ('x') for option '--gain' is invalid ***"]],
    ['invalid_setting', ["ERROR: *** the required argument for option '--gain' is missing ***"]],
    ['invalid_setting', ['ERROR: *** illegal rotation value ***']],
    ['invalid_setting', ['ERROR: *** transforms requiring transpose not supported ***']],
    ['invalid_setting', ["Failed to open tuning file '/x.json'", 'ERROR: *** no cameras available ***']],
    ['invalid_setting', ['Failed to load tuning data file /x.json', 'ERROR: *** no cameras available ***']],
    ['capture_failed', ['dmaHeap allocation failure for rpicam-apps0']],
    ['capture_failed', ['dma-heap allocation failure for frame']],
    ['capture_failed', ['failed to allocate capture buffers']],
    ['capture_failed', ['Unable to request 6 buffers: Cannot allocate memory']],
    ['capture_failed', ['failed to queue request']],
    ['capture_failed', ['no buffer to encode']],
    ['capture_failed', ['camera manager failed to start, code 12']],
    ['capture_failed', ["terminate called after throwing an instance of 'std::runtime_error'"]],
  ])('gives %s for %j', (code, lines) => {
    expect(classify(['Made X/EGL preview window', ...lines, 'bye'])?.code).toBe(code);
  });

  it.each([
    'Unable to set controls: Device or resource busy',
    'Pipeline handler in use by another process',
    'Failed to start streaming: Input/output error',
    'Made DRM preview window',
  ])('says nothing of %j alone', (line) => {
    expect(classify([line])).toBeUndefined();
  });
});

describe('texts', () => {
  it('come without what libcamera and the tool put around them', () => {
    expect(textOf('[6:39:49.290590] [5105] ERROR V4L2 v4l2_videodevice.cpp:1906 /dev/video4: Failed')).toBe(
      '/dev/video4: Failed',
    );
    expect(textOf('ERROR: *** no cameras available ***')).toBe('no cameras available');
  });

  it('are complaints where they say so', () => {
    expect(isComplaint('[0:0:1.0] [1]  WARN RPI x.cpp:1 slow')).toBe(true);
    expect(isComplaint('ERROR: *** bad ***')).toBe(true);
    expect(isComplaint('[0:0:1.0] [1]  INFO Camera x.cpp:1 fine')).toBe(false);
  });

  it('name the option that an old version does not know, where leaving it out may help', () => {
    expect(unknownOption(["ERROR: *** unrecognised option '--no-raw' ***"])).toBe('--no-raw');
    expect(unknownOption(["unrecognized option '--metadata-format'"])).toBe('--metadata-format');
    expect(unknownOption(["ERROR: *** unrecognised option '--hdr' ***"])).toBe('--hdr');
    expect(unknownOption(["ERROR: *** unrecognised option '--codec' ***", 'x'])).toBeUndefined();
  });
});

describe('errors', () => {
  it('say what happened and what to do, and carry the last lines', () => {
    const error = endedError({ ...FAILED, lines: ['a', 'ERROR: *** failed to acquire camera x ***'] });
    expect(error.code).toBe('camera_in_use');
    expect(error.message).toBe(
      'The camera is in use. rpicam-vid ended with exit code 255 before the first frame: "failed to acquire camera x". ' +
        'Another program holds the camera: end it.',
    );
    expect(error.context).toEqual({
      tool: 'rpicam-vid',
      frames: 0,
      exitCode: 255,
      stderr: 'a\nERROR: *** failed to acquire camera x ***',
    });
  });

  it('quote what the tool says of a setting that it refuses', () => {
    const error = endedError({ ...FAILED, lines: ['ERROR: *** Invalid AWB mode: foo ***'] });
    expect(error.message).toBe(
      'The capture tool refuses a setting. rpicam-vid ended with exit code 255 before the first frame: "Invalid AWB mode: foo". ' +
        'Correct the setting: docs/configuration.md lists names and ranges.',
    );
  });

  it('name the signal, the frames before, and the last line where nothing is known', () => {
    const error = endedError({ tool: 't', frames: 7, exit: { code: null, signal: 'SIGKILL' }, lines: ['odd'] });
    expect(error.code).toBe('capture_failed');
    expect(error.message).toContain('t was ended by SIGKILL after 7 frames: "odd".');
    expect(error.context).toMatchObject({ signal: 'SIGKILL' });
  });

  it('tell a stream that ended from a process that did', () => {
    const error = endedError({ tool: 't', frames: 7, exit: undefined, lines: [] });
    expect(error.message).toContain('The stream of t ended after 7 frames.');
  });

  it('take exit code 127 of a wrapper script for a missing tool', () => {
    const error = endedError({ tool: 't', frames: 0, exit: { code: 127, signal: null }, lines: ['not found'] });
    expect(error.code).toBe('capture_tool_missing');
  });

  it('tell of silence, with a better reason where stderr has one', () => {
    const running = { tool: 't', frames: 3, exit: undefined };
    expect(silenceError({ ...running, lines: [] }, 2050.4)).toMatchObject({
      code: 'frame_timeout',
      message: expect.stringContaining('No frame came within 2050 ms.'),
      context: { silentMs: 2050 },
    });
    expect(silenceError({ ...running, frames: 0, lines: [] }, 5100).message).toContain('No first frame came');
    expect(silenceError({ ...running, lines: ['failed to queue request'] }, 2000).code).toBe('capture_failed');
  });

  it('keep the context short', () => {
    const error = endedError({ ...FAILED, lines: Array.from({ length: 40 }, () => 'x'.repeat(500)) });
    expect(String(error.context['stderr'])).toHaveLength(2000);
  });
});
