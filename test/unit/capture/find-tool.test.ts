import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findTool } from '../../../src/capture/find-tool.js';

describe('findTool', () => {
  let root: string;
  let first: string;
  let second: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'find-tool-'));
    first = join(root, 'first');
    second = join(root, 'second');
    await mkdir(first);
    await mkdir(second);
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('takes the configured program with its arguments as it is', async () => {
    expect(await findTool(['node', 'camera.js', '-x'], first)).toEqual({
      program: 'node',
      leadingArguments: ['camera.js', '-x'],
    });
  });

  it('prefers rpicam-vid to libcamera-vid, wherever on PATH they are', async () => {
    const program = join(second, 'rpicam-vid');
    await writeFile(join(first, 'libcamera-vid'), '', { mode: 0o755 });
    await writeFile(program, '', { mode: 0o755 });
    expect(await findTool([], `:${first}:${second}`)).toEqual({ program, leadingArguments: [] });
  });

  it('finds libcamera-vid on older systems', async () => {
    const program = join(second, 'libcamera-vid');
    await writeFile(program, '', { mode: 0o755 });
    expect(await findTool([], `${first}:${second}`)).toEqual({ program, leadingArguments: [] });
  });

  it('passes over what is no program', async () => {
    await mkdir(join(first, 'rpicam-vid'));
    await writeFile(join(second, 'rpicam-vid'), '', { mode: 0o644 });
    await expect(findTool([], `${first}:${second}:${root}/none`)).rejects.toMatchObject({
      code: 'capture_tool_missing',
      message: expect.stringContaining('Neither rpicam-vid nor libcamera-vid is installed.'),
    });
  });
});
