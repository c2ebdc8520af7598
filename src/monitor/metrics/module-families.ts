import { LOAD_LEVELS } from '../../core/load-level.js';
import { statusReport, type StatusReport } from '../../protocol/statuses.js';
import { fromFlag, oneOf, ofModule, secondsFromMs, type Family } from './family.js';

/** Gauges of the whole module. */

/** It is asked every 2 s. An answer that is older comes from a disk that hangs. */
const DISK_LIMIT_MS = 15_000;

export const MODULE_FAMILIES: readonly Family[] = [
  {
    name: 'csicameras_build_info',
    type: 'gauge',
    help: 'Always 1. The label is the version of csi-cameras.',
    labels: ['version'],
    samples: ({ status }) => [[1, status.version]],
  },
  ofModule('csicameras_start_time_seconds', 'When the module was started, since 1970 by the recorder.', (scene) =>
    secondsFromMs(scene.snapshot.startedWallMs),
  ),
  ofModule(
    'csicameras_status_timestamp_seconds',
    'When the values of this answer were gathered, since 1970 by the recorder.',
    (scene) => secondsFromMs(scene.snapshot.madeWallMs),
  ),
  {
    name: 'csicameras_state',
    type: 'gauge',
    help: '1 for the state of the module, 0 for the others.',
    labels: ['state'],
    samples: ({ status }) => oneOf(statusReport.entries.state.options, status.state),
  },
  {
    name: 'csicameras_load_level',
    type: 'gauge',
    help: '1 for the load level, 0 for the others. Recording is never given up.',
    labels: ['level'],
    samples: ({ status }) => oneOf(LOAD_LEVELS, status.load_level),
  },
  ofModule(
    'csicameras_disk_free_bytes',
    'Free on the disk of the session. Left out if the disk is silent for 15 s.',
    (scene) => toldDisk(scene.status)?.free_bytes ?? null,
  ),
  ofModule(
    'csicameras_disk_reserve_bytes',
    'What recordings leave free (recording.minFreeBytes).',
    ({ status }) => status.disk?.reserve_bytes ?? null,
  ),
  ofModule(
    'csicameras_disk_time_left_seconds',
    'Until the reserve is reached at the rate of the recordings. Left out where nothing fills the disk.',
    (scene) => toldDisk(scene.status)?.seconds_left ?? null,
  ),
  ofModule(
    'csicameras_event_loop_delay_seconds',
    "By how much the module's thread was late, of the last second.",
    ({ status }) => secondsFromMs(status.load.event_loop_delay_ms),
  ),
  ofModule(
    'csicameras_temperature_celsius',
    'Of the processor. Left out where the machine does not tell it.',
    ({ status }) => status.load.temperature_c,
  ),
  ofModule(
    'csicameras_under_voltage',
    '1 while the supply voltage is too low. Left out where the machine does not tell it.',
    ({ status }) => fromFlag(status.load.under_voltage),
  ),
  ofModule(
    'csicameras_commands_waiting',
    'Commands that wait for their turn.',
    ({ status }) => status.commands_waiting,
  ),
  ofModule(
    'csicameras_monitor_connections',
    'Open connections to the monitor, this one among them.',
    ({ traffic }) => traffic.connections,
  ),
];

function toldDisk({ disk }: StatusReport): StatusReport['disk'] {
  return disk !== null && disk.age_ms <= DISK_LIMIT_MS ? disk : null;
}
