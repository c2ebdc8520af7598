import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { killChildren, remembered, rememberedGroup } from '../../../bench/children.mjs';

/** Ended, or waiting for somebody who asks how. */
const hasEnded = (pid: number) =>
  !existsSync(`/proc/${pid}/stat`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('children of the bench', () => {
  it('end with it, those of a group with all that they started', async () => {
    const single = remembered(spawn('sleep', ['60']));
    const leader = rememberedGroup(spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { detached: true }));
    const [printed] = (await once(leader.stdout, 'data')) as [Buffer];
    const grandchild = Number(String(printed));
    expect(hasEnded(grandchild)).toBe(false);

    const exits = [once(single, 'exit'), once(leader, 'close')]; // the grandchild has the leader's output open
    killChildren();
    await Promise.all(exits);
    expect(hasEnded(grandchild)).toBe(true);
  });

  it('that have ended are left alone', async () => {
    const child = rememberedGroup(spawn('true', { detached: true }));
    await once(child, 'exit');
    expect(killChildren).not.toThrow();
  });
});
