import { execFileSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BOTH_HOSTS } from '../harness/both-hosts.js';
import { MAIN } from '../harness/paths.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { readdir } from 'node:fs/promises';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

/** Tests must not change what whoever runs them keeps for his own cameras, nor depend on it. */
describe('what the programs of tests keep', () => {
  it('goes to a temporary folder, also of a child that is given no environment', () => {
    const inChild = execFileSync(process.execPath, ['-p', 'process.env.XDG_STATE_HOME'], { encoding: 'utf8' }).trim();
    expect(inChild).toBe(process.env['XDG_STATE_HOME']);
    expect(inChild.startsWith(join(tmpdir(), 'csi-cameras-test-state-'))).toBe(true);
    expect(inChild.startsWith(join(homedir(), '.local'))).toBe(false);
  });

  it('is kept there by the command line', async () => {
    const args = ['settings', '--simulate', '--camera', '1', '--set', 'gain=2'];
    execFileSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    const kept = join(process.env['XDG_STATE_HOME'] ?? '', 'csi-cameras', 'cameras-simulated');
    expect(await readdir(kept)).toContain('i2c@80000_imx219@10.json');
    execFileSync(process.execPath, [MAIN, ...args.slice(0, 4), '--reset']);
  });

  it.each(BOTH_HOSTS)('goes to the folder of the test in a host %s', async (_, start) => {
    const config = { cameras: { 'imx296@1a': { hflip: true } } };
    const host = await start({ folder: folder.path, config });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await host.end();
    // The place of a camera that the configuration names alone.
    expect(await readdir(join(folder.path, 'state', 'cameras-simulated'))).toEqual(['i2c@88000_imx296@1a.json']);
  });
});
