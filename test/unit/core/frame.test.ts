import { describe, expect, it } from '@jest/globals';
import { FrameLedger, makeFrame } from '../../harness/fake-camera-source.js';

describe('Frame', () => {
  it('gives its memory back with the last release', () => {
    const ledger = new FrameLedger();
    const frame = makeFrame(1, { ledger });
    frame.retain();
    frame.release();
    expect(ledger.held).toBe(1);
    frame.release();
    expect(ledger.held).toBe(0);
  });

  it('complains about one release too many', () => {
    const frame = makeFrame(1);
    frame.release();
    expect(() => {
      frame.release();
    }).toThrow('released more often');
  });

  it("runs on the sensor's clock, or on the arrival where the camera gave no timestamp", () => {
    expect(makeFrame(1, { times: { sensorTimestampNs: 7n } }).timelineNs).toBe(7n);
    const times = { sensorTimestampNs: 0n, arrivedMonotonicNs: 9n };
    expect(makeFrame(1, { times }).timelineNs).toBe(9n);
  });
});
