import { COMMAND_NAMES } from '../../../src/protocol/commands.js';
import { STATUS_NAMES, type StatusName } from '../../../src/protocol/statuses.js';
import type { Scene } from './drive-session.js';

const INTRODUCTION = `# Every message, by example

Each command and each status as it went over the pipe. A test drove the program with the virtual camera and
wrote this page down (\`npm run messages\`); another run of it is held against the page, field by field. Only
what differs from run to run stands here as a constant: times, paths, counts, figures of the machine. A line of
the pipe has no line breaks; here it is laid out to be read.

What each field means, which may be missing, and what a host may rely on: [host protocol](host-protocol.md).
What each code means: [errors and warnings](errors.md).
`;

/** What differs from run to run, by the name of the field. */
const CONSTANTS: Readonly<Record<string, unknown>> = {
  timestamp: '2026-01-06T14:30:52.123Z',
  version: '0.2.0',
  pid: 4711,
  port: 8722,
  uptime_s: 62.5,
  start_mono_ns: '5031284000211',
  offset_ns: '7120450',
  frames: 300,
  delivered: 300,
  bytes: 5_242_880,
  duration_s: 5,
  downtime_ms: 640,
  retry_in_ms: 100,
  fps: 60,
  capture_fps: 60,
  record_fps: 60,
  preview_fps: 0,
  jitter_ms: 0.2,
  median: 3.1,
  max: 6.4,
  value: 412,
  fill: 0.004,
  figures_age_ms: 210,
  event_loop_delay_ms: 1.2,
  buffer_fill: 0.004,
  write_delay_ms: 2.5,
  temperature_c: 48.3,
  under_voltage: false,
  free_bytes: 118_111_600_640,
  seconds_left: 111_200,
  age_ms: 400,
};

/** The scenes with what differs from run to run replaced: paths begin with `/data`. */
export function withConstants(scenes: readonly Scene[], folder: string): readonly Scene[] {
  const replaced = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string' && !(name in CONSTANTS))
      return value
        .replaceAll(folder, '/data')
        .replaceAll(process.execPath, 'rpicam-vid')
        .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8722')
        .replaceAll(/after \d+ frames/g, 'after 133 frames');
    if (value === null || typeof value !== 'object')
      return value !== null && name in CONSTANTS ? CONSTANTS[name] : value;
    if (Array.isArray(value)) return value.map((item) => replaced(item));
    return Object.fromEntries(Object.entries(value).map(([field, of]) => [field, replaced(of, field)]));
  };
  return scenes.map((scene) => replaced(scene) as Scene);
}

/** The page, formatted. */
export async function messagesDocument(scenes: readonly Scene[]): Promise<string> {
  const parts = [INTRODUCTION, indexOf(scenes), ...scenes.map((scene) => sectionOf(scene))];
  const { format } = await import('prettier'); // it takes a second to load
  return format(parts.join('\n'), { parser: 'markdown', proseWrap: 'always', printWidth: 110 });
}

function indexOf(scenes: readonly Scene[]): string {
  const titled = (finds: (scene: Scene) => boolean): string =>
    scenes
      .filter((scene) => finds(scene))
      .map(({ title }) => `[${title}](#${anchorOf(title)})`)
      .join('; ');
  const commands = COMMAND_NAMES.map((name) => `| \`${name}\` | ${titled(({ sent }) => sent?.command === name)} |`);
  const heard = (name: StatusName) => titled((scene) => scene.heard.some(({ status }) => status === name));
  const statuses = STATUS_NAMES.map((name) => `| \`${name}\` | ${heard(name)} |`);
  return [
    '## Where to find which\n',
    '| command | example |\n| --- | --- |',
    ...commands,
    '\n| status | example |\n| --- | --- |',
    ...statuses,
    '',
  ].join('\n');
}

function sectionOf({ title, remark, sent, heard }: Scene): string {
  const block = (message: object): string => `\`\`\`json\n${JSON.stringify(message)}\n\`\`\`\n`;
  return [
    `## ${title}\n`,
    ...(remark === undefined ? [] : [`${remark}\n`]),
    ...(sent === undefined ? [] : ['The host sends\n', block(sent), 'and hears\n']),
    ...heard.map((status) => block(status)),
  ].join('\n');
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');
}

/** The messages of a page, by the heading that they stand under. */
export function messagesIn(page: string): readonly { readonly title: string; readonly messages: readonly unknown[] }[] {
  return page
    .split(/^## /m)
    .slice(2)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')),
      messages: [...section.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, json = '']): unknown => JSON.parse(json)),
    }));
}
