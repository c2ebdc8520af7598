import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusReport } from '../../../../src/protocol/statuses.js';
import { NO_FIGURES } from '../../../harness/fake-pipeline.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

let rig: ModuleRig;

beforeEach(async () => {
  rig = moduleRig();
  await rig.start();
});

afterEach(async () => {
  await rig.module.stop();
  rig.expectTidy();
  expect(rig.signals.isOpen).toBe(false);
});

const CALM = { eventLoopDelayMs: 0, temperatureC: 52.3, isUnderVoltage: false };

async function seconds(count: number, eventLoopDelayMs: number): Promise<void> {
  rig.signals.figures = { ...CALM, eventLoopDelayMs };
  await rig.clock.advance(count * 1_000);
}

const status = (): StatusReport => rig.module.status();
const warnings = (): string[] => rig.heard.named('warning').map(({ data }) => data.code);
const loadCommands = (deviceId: string): string[] =>
  rig.pipelines
    .of(deviceId)
    .told('setLoadLevel')
    .map(({ level }) => level);

describe('a module under load', () => {
  it('says so in its status, with what it was measured by', async () => {
    expect(status()).toMatchObject({ load_level: 'normal', load: { event_loop_delay_ms: 0, temperature_c: null } });
    await seconds(2, 250);
    expect(status()).toMatchObject({
      load_level: 'previewThinned',
      load: {
        event_loop_delay_ms: 250,
        buffer_fill: 0,
        write_delay_ms: 0,
        temperature_c: 52.3,
        under_voltage: false,
      },
    });
  });

  it('tells every camera what to give up, one that comes later too, and touches no recording', async () => {
    await rig.ask('assign_device', { device_id: 'picam:0' });
    await rig.ask('start_recording', { session_dir: '/data/session_1' });
    await seconds(6, 250);
    await rig.ask('assign_device', { device_id: 'picam:1' });
    expect(loadCommands('picam:0')).toEqual(['previewThinned', 'previewPaused', 'reportingSlowed']);
    expect(loadCommands('picam:1')).toEqual(['reportingSlowed']);
    expect(rig.pipelines.of('picam:0').recording).not.toBeNull();
    await seconds(30, 0);
    expect(loadCommands('picam:1')).toEqual(['reportingSlowed', 'previewPaused', 'previewThinned', 'normal']);
    expect(rig.pipelines.of('picam:0').told('stopRecording')).toEqual([]);
    expect(rig.pipelines.of('picam:0').told('setPreview')).toEqual([]);
    expect(status().cameras[0]?.preview_enabled).toBe(true);
  });

  it('is judged by the buffers of the cameras that stream', async () => {
    await rig.ask('assign_device', { device_id: 'picam:0' });
    const pipeline = rig.pipelines.of('picam:0');
    pipeline.emit({ type: 'figures', run: pipeline.run, figures: { ...NO_FIGURES, bufferFill: 0.8 } });
    await seconds(2, 0);
    expect(status()).toMatchObject({ load_level: 'previewThinned', load: { buffer_fill: 0.8 } });
    await rig.ask('unassign_device', { device_id: 'picam:0' });
    await seconds(10, 0);
    expect(status()).toMatchObject({ load_level: 'normal', load: { buffer_fill: 0 } });
  });

  it('logs each change once, with the figures, and warns the host from a paused preview up', async () => {
    await seconds(4, 300);
    expect(warnings()).toEqual(['load_level_changed']);
    await seconds(2, 300);
    await seconds(60, 0);
    expect(warnings()).toEqual(['load_level_changed', 'load_level_changed']);
    expect(rig.heard.named('warning').map(({ data }) => data.message)).toEqual([
      expect.stringMatching(/The preview is paused.*event loop 300 ms late, 52 °C/),
      expect.stringMatching(/heartbeats and figures come less often/),
    ]);
    const lines = rig.logs.saying('Load level changed.');
    expect(lines.map(({ level, context }) => [level, context['loadLevel']])).toEqual([
      ['info', 'previewThinned'],
      ['warn', 'previewPaused'],
      ['warn', 'reportingSlowed'],
      ['info', 'previewPaused'],
      ['info', 'previewThinned'],
      ['info', 'normal'],
    ]);
    expect(lines[0]?.context).toEqual({
      was: 'normal',
      loadLevel: 'previewThinned',
      bufferFill: 0,
      writeDelayMs: 0,
      ...CALM,
      eventLoopDelayMs: 300,
    });
  });

  it('sends its heartbeat every 10 s instead of 2 s on the last level, and every 2 s again below', async () => {
    const heartbeats = (): number => rig.heard.named('heartbeat').length;
    await seconds(6, 250);
    expect(heartbeats()).toBe(3);
    await seconds(40, 250);
    expect(heartbeats()).toBe(3 + 4);
    await seconds(10, 0);
    const before = heartbeats();
    await seconds(10, 0);
    expect(heartbeats()).toBe(before + 5);
  });

  it('warns of under-voltage', async () => {
    rig.signals.figures = { ...CALM, isUnderVoltage: true };
    await rig.clock.advance(5_000);
    expect(warnings()).toEqual(['under_voltage']);
    expect(rig.logs.lines.filter(({ context }) => context['code'] === 'under_voltage')).toHaveLength(1);
  });
});
