import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { temporaryFolder } from '../../harness/temporary-folder.js';
import { numbersOf, readStream } from '../../harness/read-stream.js';

// The tool inside this process: what it says is kept, and where it would end it throws.
let said = '';
let printed = '';
const realOutput = await import('../../../src/virtual-camera/output.js');
jest.unstable_mockModule('../../../src/virtual-camera/output.js', () => ({
  say: (text: string) => (said += text),
  print: (text: string) => (printed += text),
  openFile: realOutput.openFile,
}));
const { runTool } = await import('../../../src/virtual-camera/tool.js');

describe('the tool', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let ended: Promise<string>;
  // Before streaming nothing may follow an exit; later it comes out of a callback, where an exception would be nobody's.
  let isStreaming: boolean;
  let tellEnd: (how: string) => void;

  beforeEach(async () => {
    folder = await temporaryFolder();
    [said, printed] = ['', ''];
    ended = new Promise((resolve) => (tellEnd = resolve));
    isStreaming = false;
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      tellEnd(`exit ${String(code)}`);
      if (!isStreaming) throw new Error(`exit ${String(code)}`);
      return undefined as never;
    });
    jest.spyOn(process, 'kill').mockImplementation((_, signal) => {
      tellEnd(`signal ${String(signal)}`);
      return true;
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    process.removeAllListeners('SIGINT');
    await folder.remove();
  });

  const output = (): string => join(folder.path, 'out.mjpeg');
  const options = (more: readonly string[] = []): readonly string[] => [
    ...'--codec mjpeg -t 0 --width 32 --height 32 -o'.split(' '),
    output(),
    ...more,
  ];
  const run = (args: readonly string[], misbehaviours = '', control = ''): void => {
    runTool(args, { CSI_VIRTUAL_CAMERA: misbehaviours, CSI_VIRTUAL_CAMERA_CONTROL: control });
    isStreaming = true;
  };

  it.each([
    ['--help', 'Valid options are:'],
    ['--version', 'rpicam-apps build: v1.12.0'],
    ['--list-cameras', '0 : imx296 [1456x1088 10-bit MONO]'],
  ])('answers %s', (option, beginning) => {
    run([option]);
    expect(printed).toContain(beginning);
    expect(said).toBe('');
  });

  it('lists the cameras that there are', () => {
    run(['--list-cameras'], 'cameras=1');
    expect(printed).toContain('0 : imx219');
    expect(printed).not.toContain('imx296');
    printed = '';
    run(['--list-cameras'], 'permission-denied');
    expect([printed, said]).toEqual(['No cameras available!\n', expect.stringContaining('dma-buf provider')]);
  });

  it.each([
    ['', ['--foo'], ["ERROR: *** unrecognised option '--foo' ***\n"]],
    ['', ['--camera', '2'], ['ERROR: *** selected camera is not available ***\n']],
    ['cameras=1', ['--camera', '1'], ['ERROR: *** selected camera is not available ***\n']],
    ['cameras=none', [], ['ERROR: *** no cameras available ***\n']],
    ['not-found', [], ['ERROR: *** no cameras available ***\n']],
    ['permission-denied', [], ['Could not open any dma-buf provider\n', 'no cameras available']],
    ['in-use', [], ['INFO Camera', 'in use by another process', '*** failed to acquire camera /base/axi']],
    ['in-use=configure', [], ['Unable to set format: Device or resource busy', '*** failed to configure streams']],
    ['unsupported-mode', [], ['*** failed to valid stream configurations ***']],
    ['unsupported-mode=configure', [], ['*** failed to configure streams ***']],
    ['start-failure', [], ['Failed to start streaming: Input/output error', '*** failed to start camera ***']],
    ['start-failure=remote', [], ['Remote I/O error', '*** failed to start camera ***']],
    ['memory-failure', [], ['dma-heap allocation failure for', '*** failed to allocate capture buffers ***']],
    ['fail-with=camera manager failed to start', [], ['ERROR: *** camera manager failed to start ***\n']],
    ['old-version', ['--metadata', '-'], ["*** unrecognised option '--metadata' ***"]],
    ['old-version=--buffer-count+--no-raw', ['--no-raw'], ["*** unrecognised option '--no-raw' ***"]],
    ['', ['--codec', 'h264'], ['mjpeg only']],
    ['', ['-o', '/dev/null/x'], ['*** failed to open output file /dev/null/x ***']],
    ['', ['--metadata', '/dev/null/x'], ['*** failed to open metadata file /dev/null/x ***']],
  ])('with %s and %j ends with 255', (misbehaviours, more, texts) => {
    const own = options().filter((_, i, all) => !more.includes(all[i] ?? '') && !more.includes(all[i - 1] ?? ''));
    expect(() => run([...own, ...more], misbehaviours)).toThrow('exit 255');
    for (const text of texts) expect(said).toContain(text);
  });

  it('does not start without its library', () => {
    expect(() => run(['--version'], 'library-missing')).toThrow('exit 127');
    expect(said).toContain('error while loading shared libraries');
  });

  it('does not start with a misbehaviour that does not exist', () => {
    expect(() => run(options(), 'hang')).toThrow('exit 2');
    expect(said).toBe("virtual camera: unknown misbehaviour 'hang'.\n");
  });

  it('says of an old version that it is one', () => {
    run(['--version'], 'old-version');
    expect(printed).toMatch(/^libcamera-apps build: /);
  });

  it('says what libcamera says, and which sensor it opened', async () => {
    run(options(['--camera', '1', '--frames', '1']));
    expect(await ended).toBe('exit 0');
    expect(said).toMatch(/^\[\d+:\d\d:\d\d\.\d{9}\] \[\d+\] {2}INFO Camera camera_manager\.cpp:\d+ libcamera v/);
    expect(said).toMatch(/INFO RPI pisp\.cpp:\d+ Sensor: \/base\/.*\/imx219@10 - Selected sensor format: 640x480-S/);
    expect(said).not.toContain('adjusted');
  });

  it('says that a size was adjusted, says nothing with --verbose 0, and colours where it is told to', async () => {
    const small = ['--codec', 'mjpeg', '--frames', '1', '-o', output(), '--quality', '5'];
    run([...small, '--width', '1600', '--height', '16'], 'coloured-stderr');
    expect(await ended).toBe('exit 0');
    expect(said).toContain('Stream configuration adjusted\n');
    expect(said).toContain('\u001B[1;32m INFO\u001B[0m');
    expect(readStream(await readFile(output()))).toMatchObject([{ width: 1456, height: 16 }]);
    said = '';
    ended = new Promise((resolve) => (tellEnd = resolve));
    run([...small, '--width', '32', '--height', '32', '--verbose=0']);
    expect(await ended).toBe('exit 0');
    expect(said).toBe('');
  });

  it('gives another size and rate than asked where it is told to, and metadata into a file', async () => {
    const metadata = join(folder.path, 'metadata');
    const more = ['--frames', '3', '--metadata', metadata, '--framerate', '60'];
    run(options(more), 'give-size=48x64,give-rate=50');
    expect(await ended).toBe('exit 0');
    const frames = readStream(await readFile(output()));
    expect(frames).toMatchObject([{ width: 48, height: 64 }, { number: 2 }, { number: 3 }]);
    expect((frames[2]?.timestampNs ?? 0n) - (frames[0]?.timestampNs ?? 0n)).toBe(40_000_000n);
    expect(JSON.parse(await readFile(metadata, 'utf8'))).toHaveLength(3);
  });

  it('is as fast as it is read without a rate, and beyond the sensor with any', async () => {
    run(options(['--frames', '5000']), 'rate=unlimited');
    expect(await ended).toBe('exit 0');
    expect(readStream(await readFile(output()))).toHaveLength(5000);
    ended = new Promise((resolve) => (tellEnd = resolve));
    run(options(['--frames', '50', '--framerate', '1000']), 'rate=any');
    expect(await ended).toBe('exit 0');
    const frames = readStream(await readFile(output()));
    expect((frames[1]?.timestampNs ?? 0n) - (frames[0]?.timestampNs ?? 0n)).toBe(1_000_000n);
  });

  it('starts as late as it is told to, and only then hears an interrupt', async () => {
    run(options(['--frames', '1']), 'start-delay=30');
    expect(process.listenerCount('SIGINT')).toBe(0);
    expect(await ended).toBe('exit 0');
    expect(process.listenerCount('SIGINT')).toBe(1);
  });

  it('ends at an interrupt, and at its time', async () => {
    run(options());
    process.emit('SIGINT');
    expect(await ended).toBe('exit 0');
    expect(said).toContain('Received signal 2\n');
    ended = new Promise((resolve) => (tellEnd = resolve));
    run(['--codec', 'mjpeg', '-t', '40', '--width', '32', '--height', '32']);
    expect(await ended).toBe('exit 0');
    expect(said).toContain('Halting: reached timeout of 40 milliseconds.\n');
  });

  it.each([
    ['exit-after=3:7', 'exit 7', ''],
    ['fail-after=2', 'exit 255', 'ERROR: *** failed to queue request ***'],
    ['die-with-signal=SIGSEGV:2', 'signal SIGSEGV', ''],
    ['cut-stream=3', 'exit 255', ''],
    ['disconnect-after=2', 'exit 255', 'Failed to start streaming: Input/output error'],
  ])('with %s ends: %s', async (misbehaviours, how, text) => {
    run(options(), misbehaviours);
    expect(await ended).toBe(how);
    expect(said).toContain(text);
  });

  it('aborts when nobody takes its bytes', async () => {
    run([...options().slice(0, -1), '/dev/full']);
    expect(await ended).toBe('signal SIGABRT');
    expect(said).toContain('failed to write output bytes');
  });

  it('forgets that it was about to fail when it is told to behave', async () => {
    const control = join(folder.path, 'control');
    await writeFile(control, 'disconnect-after=0');
    run(options(), '', control);
    await writeFile(control, '');
    while (!said.includes('control: behaves')) await new Promise((r) => setTimeout(r, 5));
    // Longer than the watchdog of the ribbon that was pulled would have taken.
    await new Promise((r) => setTimeout(r, 1100));
    process.emit('SIGINT');
    expect(await ended).toBe('exit 0');
  });

  it('obeys a control file, and says so', async () => {
    const control = join(folder.path, 'control');
    await writeFile(control, 'hang-after=1');
    run(options(), '', control);
    await writeFile(control, 'nonsense');
    while (!said.includes("control file: unknown misbehaviour 'nonsense'.")) await new Promise((r) => setTimeout(r, 5));
    await writeFile(control, 'flood-stderr=200,in-use');
    while (!said.includes('Frame start and end')) await new Promise((r) => setTimeout(r, 5));
    expect(said).toContain('VirtualCamera control: flood-stderr=200\n');
    await writeFile(control, '');
    while (!said.includes('control: behaves')) await new Promise((r) => setTimeout(r, 5));
    process.emit('SIGINT');
    expect(await ended).toBe('exit 0');
    expect(numbersOf(readStream(await readFile(output())))[0]).toBe(1);
  });
});
