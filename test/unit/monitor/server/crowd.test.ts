import { beforeEach, describe, expect, it } from '@jest/globals';
import { Crowd, MAX_CONNECTIONS, MAX_CROWD, MAX_WORKING, type Member } from '../../../../src/monitor/server/crowd.js';
import { ManualClock } from '../../../harness/manual-clock.js';

const GRACE_MS = 25;

describe('the crowd of connections', () => {
  let clock: ManualClock;
  let crowd: Crowd;
  /** Names of the dropped, in order. */
  let dropped: string[];

  beforeEach(() => {
    clock = new ManualClock();
    crowd = new Crowd(clock);
    dropped = [];
  });

  function add(count: number, phase: Member['phase'], name: string): Member[] {
    return Array.from({ length: count }, (_, index) => {
      const member: Member = { phase, drop: () => dropped.push(`${name} ${index}`) };
      crowd.add(member);
      return member;
    });
  }

  it('leaves everybody alone as long as there is room', async () => {
    add(MAX_CONNECTIONS, 'asking', 'client');
    await clock.advance(60_000);
    expect(dropped).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('lets a further one in, and drops the one that has been there longest without asking', async () => {
    add(MAX_CONNECTIONS, 'asking', 'old');
    add(2, 'asking', 'new');
    await clock.advance(GRACE_MS - 1);
    expect(dropped).toEqual([]);
    await clock.advance(1);
    expect(dropped).toEqual(['old 0', 'old 1']);
    expect(crowd.size).toBe(MAX_CONNECTIONS);
  });

  it('drops nobody where some were done in time', async () => {
    const members = add(MAX_CONNECTIONS + 5, 'asking', 'client');
    for (const member of members.slice(0, 5)) crowd.remove(member);
    await clock.advance(GRACE_MS);
    expect(dropped).toEqual([]);
  });

  it('drops those that do not take their answer before those that wait for theirs', async () => {
    add(MAX_WORKING, 'working', 'waiting');
    add(MAX_CONNECTIONS - MAX_WORKING, 'answering', 'taking');
    add(1, 'asking', 'new');
    await clock.advance(GRACE_MS);
    expect(dropped).toEqual(['taking 0']);
  });

  it('lets those that wait for their answer not shut out those that ask', async () => {
    add(MAX_CONNECTIONS, 'working', 'waiting');
    add(1, 'asking', 'new');
    await clock.advance(GRACE_MS);
    expect(dropped).toEqual(['waiting 0']);
    add(MAX_CROWD - MAX_CONNECTIONS, 'working', 'more');
    await clock.advance(GRACE_MS);
    expect(dropped).not.toContain('new 0');
    expect(MAX_WORKING).toBeLessThan(MAX_CONNECTIONS);
  });

  it('never grows beyond its limit, not for a moment', () => {
    add(MAX_CROWD + 3, 'asking', 'client');
    expect(crowd.size).toBe(MAX_CROWD);
    expect(dropped).toEqual(['client 0', 'client 1', 'client 2']);
  });

  it('drops all at its end', () => {
    add(20, 'asking', 'client');
    crowd.end();
    expect([crowd.size, dropped.length, clock.timers]).toEqual([0, 20, 0]);
  });
});
