/** The tool's messages on stderr, in the words of rpicam-apps and libcamera. */
import type { Sensor, StreamFormat } from './sensor/sensors.js';

export const VERSION_TEXT =
  'rpicam-apps build: v1.12.0 virtual 01-06-2026 (12:00:00)\n' +
  'rpicam-apps capabilites: egl:0 qt:0 drm:0 libav:0\n' +
  'libcamera build: v0.7.0+virtual\n';

export const OLD_VERSION_TEXT =
  'libcamera-apps build: 7e4d3d71867f 17-07-2022 (07:34:26)\nlibcamera build: v0.0.0+3700-f30ad033\n';

const ANSI_BY_LEVEL = { INFO: '\u001B[1;32m', WARN: '\u001B[1;33m', ERROR: '\u001B[1;31m' } as const;
const ANSI_RESET = '\u001B[0m';

export type LogLevel = keyof typeof ANSI_BY_LEVEL;

/** A line as libcamera logs it: `[h:mm:ss.nnnnnnnnn] [tid] LEVEL Category file.cpp:NN text`. */
export function logLine(level: LogLevel, origin: string, text: string, isColoured = false): string {
  const ns = process.hrtime.bigint();
  const seconds = ns / 1_000_000_000n;
  const two = (value: bigint): string => String(value).padStart(2, '0');
  const fraction = String(ns % 1_000_000_000n).padStart(9, '0');
  const time = `[${seconds / 3600n}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}.${fraction}]`;
  const shown = isColoured ? `${ANSI_BY_LEVEL[level]}${level.padStart(5)}${ANSI_RESET}` : level.padStart(5);
  return `${time} [${process.pid}] ${shown} ${origin} ${text}\n`;
}

/** The line that ends the tool. */
export function fatalLine(message: string): string {
  return `ERROR: *** ${message} ***\n`;
}

/** libcamera's messages while it finds the cameras: always all of them. A given tuning file is used for each. */
export function managerLines(sensors: readonly Sensor[], isColoured: boolean, givenTuningFile = ''): string {
  const line = (origin: string, text: string): string => logLine('INFO', origin, text, isColoured);
  const variant = 'to CFE device /dev/media0 and ISP device /dev/media1 using PiSP variant BCM2712_D0';
  const ofSensor = ({ id, tuningFile }: Sensor): readonly string[] => [
    line(
      'IPAProxy ipa_proxy.cpp:180',
      `Using tuning file ${givenTuningFile || `/usr/share/libcamera/ipa/rpi/pisp/${tuningFile}`}`,
    ),
    line('Camera camera_manager.cpp:223', `Adding camera '${id}' for pipeline handler rpi/pisp`),
    line('RPI pisp.cpp:1181', `Registered camera ${id} ${variant}`),
  ];
  return [
    line('Camera camera_manager.cpp:340', 'libcamera v0.7.0+virtual'),
    line('RPI pisp.cpp:720', 'libpisp version 1.3.0'),
    ...sensors.flatMap(ofSensor),
  ].join('');
}

/** Messages when the stream is configured. A sensor without an id is not named, as with other pipelines of libcamera. */
export function streamLines(
  sensor: Sensor,
  { mode, width, height, isAdjusted }: StreamFormat,
  isColoured: boolean,
): string {
  const selected = `${mode.width}x${mode.height}`;
  return [
    `Mode selection for ${width}:${height}:12:P\n    ${sensor.format},${selected}/${mode.maxFps} - Score: 1000\n`,
    isAdjusted ? 'Stream configuration adjusted\n' : '',
    logLine(
      'INFO',
      'Camera camera.cpp:1215',
      `configuring streams: (0) ${width}x${height}-YUV420/JPEG (1) ${selected}-${sensor.format}/RAW`,
      isColoured,
    ),
    sensor.id === ''
      ? ''
      : logLine(
          'INFO',
          'RPI pisp.cpp:1485',
          `Sensor: ${sensor.id} - Selected sensor format: ${selected}-${sensor.busFormat}/RAW - ` +
            `Selected CFE format: ${selected}-${sensor.frontEndFormat}/RAW`,
          isColoured,
        ),
  ].join('');
}

/** Messages of libcamera and the tool when no frame came within the watchdog's time. */
export function timeoutLines(isColoured: boolean): string {
  const error = (origin: string, text: string): string => logLine('ERROR', origin, text, isColoured);
  return [
    logLine(
      'WARN',
      'V4L2 v4l2_videodevice.cpp:2150',
      '/dev/video4[16:cap]: Dequeue timer of 1000000.00us has expired!',
      isColoured,
    ),
    error('RPI pipeline_base.cpp:1350', 'Camera frontend has timed out!'),
    error('RPI pipeline_base.cpp:1351', 'Please check that your camera sensor connector is attached securely.'),
    error('RPI pipeline_base.cpp:1352', 'Alternatively, try another cable and/or sensor.'),
    'ERROR: Device timeout detected, attempting a restart!!!\n',
  ].join('');
}

/** Messages when the sensor does not answer at the start of streaming. */
export function startFailureLines(isColoured: boolean): string {
  return logLine(
    'ERROR',
    'V4L2 v4l2_videodevice.cpp:2060',
    '/dev/video4[16:cap]: Failed to start streaming: Input/output error',
    isColoured,
  );
}
