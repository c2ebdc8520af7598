import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromNow } from '../../../src/core/deadline.js';
import type { LoadLevel } from '../../../src/core/load-level.js';
import { PreviewReader } from '../../harness/preview-reader.js';
import { PipelineRig } from './pipeline-rig.js';

let rig: PipelineRig;
let reader: PreviewReader;

beforeEach(async () => {
  rig = new PipelineRig({ previewEnabled: true, previewFps: 0 });
  reader = new PreviewReader((port) => {
    rig.pipeline.connectPreview(port);
  });
  await rig.openStream();
});

afterEach(async () => {
  const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
  await rig.clock.advance(5_000);
  await closing;
  expect(rig.source.ledger.held).toBe(0);
});

const load = (level: LoadLevel): void => {
  rig.send({ type: 'setLoadLevel', level });
};

/** How many of so many frames reach the preview. */
async function previewed(frames: number): Promise<number> {
  const before = reader.pictures.length;
  for (let frame = 0; frame < frames; frame += 1) {
    await reader.want();
    await rig.frames(1);
  }
  return reader.pictures.length - before;
}

async function figuresIn(ms: number): Promise<number> {
  const before = rig.all('figures').length;
  await rig.clock.advance(ms);
  return rig.all('figures').length - before;
}

describe('a pipeline under load', () => {
  it('halves the preview, then gives none, and gives all of it again when the load falls', async () => {
    expect(await previewed(10)).toBe(10);
    load('previewThinned');
    expect(await previewed(10)).toBe(5);
    load('previewPaused');
    expect(await previewed(10)).toBe(0);
    load('reportingSlowed');
    expect(await previewed(10)).toBe(0);
    load('normal');
    expect(await previewed(10)).toBe(10);
  });

  it('tells its readers why no picture comes, and counts none', async () => {
    await previewed(10);
    load('previewThinned');
    load('previewPaused');
    load('reportingSlowed');
    load('normal');
    await reader.want();
    expect(reader.states).toEqual(['none', 'live', 'paused', 'live']);
    load('previewPaused');
    await rig.clock.advance(500);
    expect(rig.last('figures').figures.previewFps).toBe(0);
  });

  it('leaves the preview as the host wants it', async () => {
    load('previewPaused');
    rig.send({ type: 'setPreview', enabled: false });
    load('normal');
    expect(await previewed(4)).toBe(0);
    load('previewPaused');
    rig.send({ type: 'setPreview', enabled: true });
    expect(await previewed(4)).toBe(0);
    load('normal');
    expect(await previewed(4)).toBe(4);
  });

  it('records every frame on every level', async () => {
    await rig.startRecording();
    for (const level of ['previewThinned', 'previewPaused', 'reportingSlowed'] as const) {
      load(level);
      await rig.frames(10);
    }
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary.counts).toMatchObject({ delivered: 30, recorded: 30, dropped: 0 });
  });

  it('gives figures a fifth as often on the last level only', async () => {
    expect(await figuresIn(5_000)).toBe(10);
    load('previewPaused');
    expect(await figuresIn(5_000)).toBe(10);
    load('reportingSlowed');
    expect(await figuresIn(10_000)).toBe(4);
    load('previewPaused');
    expect(await figuresIn(5_000)).toBe(10);
  });

  it('is on the same level after the camera was opened again', async () => {
    load('previewPaused');
    await rig.closeRun(1);
    await rig.openStream(2);
    expect(await previewed(4)).toBe(0);
    load('normal');
    expect(await previewed(4)).toBe(4);
  });
});
