import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../harness/temporary-folder.js';

/** What the gate and the tests take for a reader that is there. The programs are stand-ins. */
describe('the look for readers', () => {
  let programs: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    programs = await temporaryFolder();
  });

  afterEach(() => programs.remove());

  /** A program that ends with 0 unless `script` says otherwise. */
  async function install(name: string, script = 'exit 0'): Promise<void> {
    const path = join(programs.path, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }

  function look(...args: string[]): string {
    const env = { ...process.env, PATH: programs.path, XDG_CACHE_HOME: programs.path };
    const { stdout } = spawnSync(process.execPath, ['scripts/readers.mjs', ...args], { encoding: 'utf8', env });
    return stdout;
  }

  it('says what is missing and how to install it', () => {
    const said = look();
    expect(said).toContain('ffmpeg cannot be used: ffmpeg is missing (sudo apt install ffmpeg).');
    expect(said).toContain('GStreamer cannot be used: gst-launch-1.0 is missing (sudo apt install gstreamer1.0-tools');
    expect(look('--packages').split('\n')).toEqual(
      expect.arrayContaining(['ffmpeg', 'mediainfo', 'gstreamer1.0-tools']),
    );
  });

  it('misses ffprobe where ffmpeg comes without it', async () => {
    await install('ffmpeg');
    expect(look()).toContain('ffmpeg cannot be used: ffprobe is missing');
    await install('ffprobe');
    expect(look()).toContain('ffmpeg is there.');
  });

  it('misses a program that cannot be run', async () => {
    await install('mediainfo', 'exit 127');
    expect(look()).toContain('mediainfo cannot be used: mediainfo is missing');
  });

  it('misses GStreamer only where an element is used that it has not', async () => {
    await install('gst-launch-1.0');
    await install('gst-inspect-1.0', 'test "$2" != jpegparse');
    const said = look();
    expect(said).toContain('GStreamer is there.');
    expect(said).toContain("GStreamer's AVI writer cannot be used: the element jpegparse is missing");
    expect(look('--packages').split('\n')).toContain('gstreamer1.0-plugins-bad');
  });

  it('misses every use of a GStreamer without plugins', async () => {
    await install('gst-launch-1.0');
    await install('gst-inspect-1.0', 'test "$1" = --version');
    const said = look();
    expect(said).toContain('GStreamer cannot be used: the element filesrc is missing');
    expect(said).not.toMatch(/GStreamer.* is there\./);
  });

  it('names a script for what comes not as a package, until it is fetched', () => {
    expect(look('--scripts')).toBe('scripts/unpack-promtool.sh\nscripts/get-nodes.sh\n');
  });

  it('names a script for promtool, whose package would start a server, until it is unpacked or on PATH', async () => {
    expect(look('--scripts')).toContain('scripts/unpack-promtool.sh\n');
    const place = look('--promtool').trim();
    expect(place).toBe(join(programs.path, 'csi-cameras', 'promtool'));
    await mkdir(dirname(place));
    await install('csi-cameras/promtool');
    expect(look('--scripts')).not.toContain('promtool');
    await rm(place);
    await install('promtool');
    expect(look('--scripts')).not.toContain('promtool');
  });
});
