import { describe, expect, it } from '@jest/globals';
import { laneOf } from '../../../../src/module/commands/lane-of.js';
import { sessionChangeOf } from '../../../../src/module/commands/session-change.js';
import { checkCommand } from '../../../../src/protocol/command-check.js';
import { COMMAND_NAMES, COMMANDS, type Command } from '../../../../src/protocol/commands.js';

/** What each command needs besides a device. */
const NEEDED: Readonly<Record<string, object>> = {
  set_settings: { settings: { gain: 2 } },
  set_resolution: { width: 640, height: 480 },
  set_fps: { fps: 30 },
  set_log_level: { level: 'debug' },
  toggle_preview: { enabled: true },
};

function commandOf(command: string, fields: object = {}): Command {
  const checked = checkCommand({ command, ...NEEDED[command], ...fields });
  if (!checked.ok) throw new Error(checked.error);
  return checked.command;
}

const waitsFor = (command: string, fields: object = {}): string => {
  const lane = laneOf(commandOf(command, fields));
  return lane.kind === 'camera' ? lane.deviceId : lane.kind;
};

const FOR_NOTHING = ['get_status', 'set_log_level', 'quit', 'show_window', 'hide_window', 'get_geometry'];
const FOR_ALL = ['start_session', 'stop_session', 'unassign_all_devices'];
const BY_DEVICE = COMMAND_NAMES.filter((name) => !FOR_NOTHING.includes(name) && !FOR_ALL.includes(name));

describe('what a command waits for', () => {
  it.each(FOR_NOTHING)('%s: nothing, whatever it names', (name) => {
    expect(waitsFor(name)).toBe('none');
    expect(waitsFor(name, { device_id: 'picam:0', camera_id: 'picam:0' })).toBe('none');
  });

  it.each(FOR_ALL)('%s: all commands, whatever it names', (name) => {
    expect(waitsFor(name)).toBe('all');
    expect(waitsFor(name, { device_id: 'picam:0', camera_id: 'picam:0' })).toBe('all');
  });

  it.each(BY_DEVICE)('%s: the commands of the device that it names', (name) => {
    const isPreview = name === 'toggle_preview';
    expect(waitsFor(name, isPreview ? { camera_id: 'front' } : { device_id: 'front' })).toBe('front');
    if (isPreview) expect(waitsFor(name, { camera_id: 3 })).toBe('picam:3');
    if (name === 'assign_device') return;
    expect(waitsFor(name)).toBe('all');
    // Null counts as left out, and what is no parameter of the command counts for nothing.
    expect(waitsFor(name, isPreview ? { camera_id: null, device_id: 'x' } : { device_id: null, camera_id: 'x' })).toBe(
      'all',
    );
  });

  it('is asked of every command that has a device', () => {
    const withDevice = COMMAND_NAMES.filter(
      (name) => 'device_id' in COMMANDS[name].parameters || 'camera_id' in COMMANDS[name].parameters,
    );
    expect(BY_DEVICE).toEqual(withDevice);
  });
});

describe('what a command does to the session', () => {
  it.each([
    ['start_session', { session_dir: 's' }, { kind: 'begin', path: 's' }],
    ['start_session', { session_dir: null }, { kind: 'begin', path: undefined }],
    ['start_session', {}, { kind: 'begin', path: undefined }],
    ['stop_session', {}, { kind: 'end' }],
    ['start_recording', { session_dir: 's' }, { kind: 'begin', path: 's' }],
    ['start_recording', { session_dir: null }, { kind: 'none' }],
    ['start_recording', {}, { kind: 'none' }],
    ['assign_device', { device_id: 'picam:0', session_dir: 's' }, { kind: 'begin', path: 's' }],
    ['assign_device', { device_id: 'picam:0' }, { kind: 'none' }],
    // It names no camera, so that it is refused.
    ['assign_device', { device_id: 'front', session_dir: 's' }, { kind: 'none' }],
    ['take_snapshot', { session_dir: 's' }, { kind: 'none' }],
    ['stop_recording', {}, { kind: 'none' }],
    ['quit', {}, { kind: 'none' }],
  ])('%s %p', (name, fields, change) => {
    expect(sessionChangeOf(commandOf(name, fields))).toEqual(change);
  });
});
