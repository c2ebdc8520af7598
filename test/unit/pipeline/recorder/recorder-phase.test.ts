import { describe, expect, it } from '@jest/globals';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { type RecorderPhase, endOf, failedBy, toldToEnd } from '../../../../src/pipeline/recorder/recorder-phase.js';

const ACCEPTING: RecorderPhase = { kind: 'accepting' };
const OVER: RecorderPhase = { kind: 'over' };
const BROKEN = errorWithAdvice('io_error', 'The disk failed.').toData();
const FULL = errorWithAdvice('disk_full', 'The disk is full.').toData();

describe('the phase of a recording', () => {
  it('keeps the first reason that it was told', () => {
    const told = toldToEnd(toldToEnd(ACCEPTING, 'disk_full', FULL), 'command', null);
    expect(endOf(told)).toEqual({ reason: 'disk_full', error: FULL });
  });

  it('keeps the first failure', () => {
    expect(endOf(failedBy(failedBy(ACCEPTING, FULL), BROKEN))).toEqual({ reason: 'disk_full', error: FULL });
  });

  it('ends for what it was told, before the failure or after it, and with the failure', () => {
    const before = failedBy(toldToEnd(ACCEPTING, 'command', null), FULL);
    const after = toldToEnd(toldToEnd(failedBy(ACCEPTING, FULL), 'command', null), 'shutdown', null);
    expect(endOf(before)).toEqual({ reason: 'command', error: FULL });
    expect(endOf(after)).toEqual({ reason: 'command', error: FULL });
  });

  it('ends for its failure where it was told nothing', () => {
    expect(endOf(failedBy(ACCEPTING, BROKEN))).toEqual({ reason: 'io_error', error: BROKEN });
  });

  it('tells the failure before the cause for which the disk had it ended', () => {
    expect(endOf(failedBy(toldToEnd(ACCEPTING, 'disk_full', FULL), BROKEN))?.error).toBe(BROKEN);
  });

  it('has no end while frames are taken, nor a second one, and nothing changes it when it is over', () => {
    expect([endOf(ACCEPTING), endOf(OVER)]).toEqual([null, null]);
    expect(toldToEnd(OVER, 'command', null)).toBe(OVER);
    expect(failedBy(OVER, BROKEN)).toBe(OVER);
  });
});
