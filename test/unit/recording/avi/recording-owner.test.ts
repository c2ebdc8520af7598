import { describe, expect, it } from '@jest/globals';
import { ProcessOwners } from '../../../../src/recording/avi/recording-owner.js';

describe('the mark of the process that writes a file', () => {
  const owners = new ProcessOwners();

  /** This process's mark with one byte of a field changed. */
  async function markWith(at: number): Promise<Uint8Array> {
    const mark = Buffer.from(await owners.self());
    mark.writeUInt8(mark.readUInt8(at) ^ 0xff, at);
    return mark;
  }

  it('names a living process', async () => {
    expect(await owners.self()).toHaveLength(16);
    expect(await owners.stateOf(await new ProcessOwners().self())).toBe('alive');
  });

  it('is zeros for nobody', async () => {
    expect(await owners.stateOf(Buffer.alloc(16))).toBe('closed');
  });

  it.each([
    ['another start time: the number was used again', 4, 'gone'],
    ['another machine, which may be writing to a shared disk', 8, 'unknown'],
    ['an earlier boot', 12, 'gone'],
    ['another container, whose processes nobody here sees', 14, 'unknown'],
  ])('with %s', async (_, at, state) => {
    expect(await owners.stateOf(await markWith(at))).toBe(state);
  });
});
