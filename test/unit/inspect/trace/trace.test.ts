import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { remarksOn } from '../../../../src/inspect/trace/command-life.js';
import { LogLines, type LogRecord } from '../../../../src/inspect/trace/log-lines.js';
import { LogTail } from '../../../../src/inspect/trace/log-tail.js';
import { openCommands, traceCommand, type Traced } from '../../../../src/inspect/trace/trace.js';
import { lifeText, openText } from '../../../../src/cli/trace/trace-text.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

const T = 1_704_567_890;
const line = (atS: number, fields: object): string => `${JSON.stringify({ ts: T + atS, ...fields })}\n`;
const arrival = (atS: number, id: string, cmd = 'start_recording', payload: object = {}): string =>
  line(atS, { dir: 'in', cmd, id, payload }) + line(atS, { id, state: 'received', cmd });
const processing = (atS: number, id: string): string => line(atS, { id, state: 'processing' });
const answer = (atS: number, id: string, status: string, payload: object = {}): string =>
  line(atS, { dir: 'out', status, reply_to: id, payload });
const completed = (atS: number, id: string): string => line(atS, { id, state: 'completed', duration_ms: 333 });
const message = (atS: number, msg: string, more: object = {}): string =>
  `${JSON.stringify({ level: 30, time: (T + atS) * 1000, pid: 1, msg, ...more })}\n`;
const ready = (atS: number): string => line(atS, { dir: 'out', status: 'ready', payload: {} });

const write = (name: string, ...lines: readonly (string | Buffer)[]): Promise<void> =>
  writeFile(join(folder.path, name), Buffer.concat(lines.map((one) => Buffer.from(one))));

type Found = Extract<Traced, { kind: 'found' }>;
const found = async (id: string): Promise<Found> => {
  const traced = await traceCommand(folder.path, id);
  expect(traced.kind).toBe('found');
  return traced as Found;
};
const stepsOf = ({ lives }: Found): string[][] => lives.map(({ steps }) => steps.map(({ name }) => name));

describe('the life of a command', () => {
  it('goes through the backups from the oldest to the live file', async () => {
    await write('commands.jsonl.3', arrival(0, 'a'));
    await write('commands.jsonl.2', processing(1, 'a'));
    await write('commands.jsonl.1', answer(2, 'a', 'recording_started'));
    await write('commands.jsonl', completed(3, 'a'), arrival(4, 'ab'));
    await write('commands.jsonl.bak', arrival(9, 'a'));
    const traced = await found('a');
    expect(stepsOf(traced)).toEqual([['start_recording', 'received', 'processing', 'recording_started', 'completed']]);
    expect(traced.reading).toEqual({ badLines: 0, files: 4 });
    expect(traced.lives.flatMap(remarksOn)).toEqual([]);
  });

  it('has what was said meanwhile, of its camera or of none', async () => {
    await write('commands.jsonl', arrival(1, 'a', 'start_recording', { device_id: 'picam:0' }), completed(3, 'a'));
    await write('csicameras.log.1', message(0.5, 'Before.'), message(1.5, 'Mine.', { device: 'picam:0' }));
    const later = [message(2, 'Of another.', { device: 'picam:1' }), message(2.5, 'Of all.'), message(3.5, 'After.')];
    await write('csicameras.log', ...later);
    const { lives } = await found('a');
    expect(lives[0]?.log.map((one) => one.message)).toEqual(['Mine.', 'Of all.']);
  });

  it('is told by a prefix that means one, and lists the ids where it means several', async () => {
    await write(
      'commands.jsonl',
      arrival(0, 'rec_001'),
      arrival(1, 'rec_002'),
      arrival(2, 'stop_1'),
      arrival(3, 'stop_10'),
    );
    expect((await found('stop_1')).id).toBe('stop_1');
    expect((await found('rec_002')).id).toBe('rec_002');
    expect(await traceCommand(folder.path, 'rec')).toMatchObject({
      kind: 'several',
      ids: ['rec_001', 'rec_002'],
      more: 0,
    });
    expect(await traceCommand(folder.path, 'none')).toMatchObject({ kind: 'none' });
  });

  it('of an id that was used twice is two lives', async () => {
    await write(
      'commands.jsonl',
      arrival(0, 'a'),
      completed(1, 'a'),
      answer(1, 'a', 'x'),
      arrival(5, 'a', 'stop'),
      completed(6, 'a'),
    );
    expect(stepsOf(await found('a'))).toEqual([
      ['start_recording', 'received', 'completed', 'x'],
      ['stop', 'received', 'completed'],
    ]);
  });

  it.each<[string, string[], RegExp[]]>([
    ['rotated away', [processing(0, 'a'), completed(1, 'a'), answer(1, 'a', 'x')], [/beginning is not in the logs/]],
    ['without an answer', [arrival(0, 'a'), completed(1, 'a')], [/no answer is in the log/]],
    ['without an end', [arrival(0, 'a')], [/no end yet/]],
    ['of a process that ended', [arrival(0, 'a'), ready(5)], [/its process ended before/]],
    [
      'with lost lines',
      [
        arrival(0, 'a'),
        line(2, { event: 'lines_lost', lines: 7, since: T + 1 }),
        completed(3, 'a'),
        answer(3, 'a', 'x'),
      ],
      [/^7 lines of commands\.jsonl were lost/],
    ],
    [
      'that was cut',
      [
        line(0, { dir: 'in', cmd: 'start', id: 'a', cut: true, original_bytes: 99_999 }),
        completed(1, 'a'),
        answer(1, 'a', 'x'),
      ],
      [/was cut/],
    ],
  ])('says what is missing: %s', async (_, lines, remarks) => {
    await write('commands.jsonl', ...lines);
    const { lives } = await found('a');
    const said = lives.flatMap(remarksOn);
    expect(said).toHaveLength(remarks.length);
    for (const [at, remark] of remarks.entries()) expect(said[at]).toMatch(remark);
  });

  it('passes over half lines, NULs, giants and lines of others, and counts them', async () => {
    const rubbish = [
      '{"ts":17045',
      '\n',
      Buffer.alloc(500),
      '\n',
      'x'.repeat(1_000_000),
      '\n',
      '[1]\n',
      '"a"\n',
      'null\n',
    ];
    await write('commands.jsonl.1', arrival(0, 'a'), ...rubbish, '{"ts":1,"id":"a","st');
    await write('commands.jsonl', completed(1, 'a'), '{"ts":"1","id":"a","state":"completed"}\n', '{"id":7}\n');
    const traced = await found('a');
    expect(stepsOf(traced)).toEqual([['start_recording', 'received', 'completed']]);
    expect(traced.reading.badLines).toBe(7);
  });

  it('is harmless on a terminal, whatever a host sent', async () => {
    const evil = '\u001b]0;pwned\u0007\n\u202e\u0000'.repeat(100);
    const lines = [line(0, { dir: 'in', cmd: evil, id: 'a', payload: { [evil]: evil } })];
    await write(
      'commands.jsonl',
      ...lines,
      line(1, { id: 'a', state: 'failed', code: evil, error: evil, duration_ms: 1 }),
    );
    await write('csicameras.log', message(0.5, evil, { device: evil, [evil]: evil }));
    const { id, lives } = await found('a');
    const text = lives.map((life) => lifeText(id, life, 0, 1)).join('');
    expect(text.replaceAll('\n', '')).toMatch(/^[\u0020-\u007e]*$/);
    expect(text.split('\n')).toHaveLength(5); // the head, two steps, a line of the log
  });

  it('rejects where there is no directory', async () => {
    await expect(traceCommand(join(folder.path, 'none'), 'a')).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(join(folder.path, 'commands.jsonl'));
    expect(await traceCommand(folder.path, 'a')).toMatchObject({ kind: 'none', reading: { files: 0 } });
  });
});

describe('the commands without an end', () => {
  it('are those that are open, and whose process has gone is told', async () => {
    await write(
      'commands.jsonl.1',
      arrival(0, 'left'),
      arrival(1, 'done'),
      completed(2, 'done'),
      answer(2, 'done', 'x'),
    );
    await write(
      'commands.jsonl',
      ready(5),
      arrival(6, 'open', 'stop'),
      processing(7, 'open'),
      answer(8, 'done', 'late'),
    );
    const open = await openCommands(folder.path);
    expect(open.commands.map(({ id, name, last, isAbandoned }) => [id, name, last.name, isAbandoned])).toEqual([
      ['left', 'start_recording', 'received', true],
      ['open', 'stop', 'processing', false],
    ]);
    expect(openText(open)).toMatch(
      /left {2}start_recording {2}received; its process ended before\n.*open {2}stop {2}processing; no end yet\n$/,
    );
  });

  it('are bounded, and the oldest give way', async () => {
    await write('commands.jsonl', ...Array.from({ length: 1005 }, (_, at) => arrival(at, `id_${at}`)));
    const { commands, more } = await openCommands(folder.path);
    expect([commands.length, commands[0]?.id, more]).toEqual([1000, 'id_5', 5]);
  });
});

describe('the tail of a log', () => {
  const ids: unknown[] = [];
  const tail = (): LogTail => new LogTail(folder.path, 'commands.jsonl', ({ id }: LogRecord) => ids.push(id));
  const path = (backup?: number): string =>
    join(folder.path, backup === undefined ? 'commands.jsonl' : `commands.jsonl.${backup}`);

  it('goes through rotations, one or two between two looks, and tells no line twice', async () => {
    ids.length = 0;
    await write('commands.jsonl.1', '{"id":0}\n');
    await write('commands.jsonl', '{"id":1}\n{"id"');
    const following = tail();
    await following.read();
    expect(ids).toEqual([0, 1]);
    await appendFile(path(), ':2}\n');
    await rename(path(1), path(2));
    await rename(path(), path(1));
    await write('commands.jsonl', '{"id":3}\n');
    await following.read();
    expect(ids).toEqual([0, 1, 2, 3]);
    await appendFile(path(), '{"id":4}\n');
    await rename(path(1), path(2));
    await rename(path(), path(1));
    await write('commands.jsonl', '{"id":5}\n');
    await rename(path(2), path(3));
    await rename(path(1), path(2));
    await rename(path(), path(1));
    await write('commands.jsonl', '{"id":6}\n');
    await following.read();
    await following.read();
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await following.close();
  });

  it('goes on with the next live file when another program has removed the one that was read', async () => {
    ids.length = 0;
    await write('commands.jsonl.1', '{"id":0}\n');
    await write('commands.jsonl', '{"id":1}\n');
    const following = tail();
    await following.read();
    await appendFile(path(), '{"id":2}\n');
    await rm(path());
    await following.read();
    expect(ids).toEqual([0, 1, 2]);
    await write('commands.jsonl', '{"id":3}\n');
    await following.read();
    await appendFile(path(), '{"id":4}\n');
    await following.read();
    expect(ids).toEqual([0, 1, 2, 3, 4]);
    await following.close();
  });
});

describe('lines', () => {
  it('are the same wherever the bytes were cut', () => {
    const bytes = Buffer.from('{"a":"é"}\n\n{"b":2}\nhalf\n{"c":3}\n');
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const records: LogRecord[] = [];
      const lines = new LogLines((record) => records.push(record));
      lines.push(bytes.subarray(0, cut));
      lines.push(bytes.subarray(cut));
      lines.end();
      expect(records).toEqual([{ a: 'é' }, { b: 2 }, { c: 3 }]);
      expect(lines.bad).toBe(1);
    }
  });
});
