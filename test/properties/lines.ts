import * as fc from 'fast-check';
import { checkCommand } from '../../src/protocol/command-check.js';
import { COMMANDS, type CommandName } from '../../src/protocol/commands.js';

/** What may come in on stdin: commands, nearly commands, and bytes that never were any. */

/** All but `quit`; cameras cannot be opened where this is used, so that each command has one status, its answer. */
const NAMES = (Object.keys(COMMANDS) as CommandName[]).flatMap((name) =>
  name === 'quit' ? [] : [name, ...COMMANDS[name].aliases],
);

const ODD_TEXTS = ['', ' ', '\u0000', '\u202Egpj.exe', '\u2028', '\uD800', '🎥'.repeat(200), 'x'.repeat(5_000), '%s%n'];
const ODD_PATHS = ['../../../../etc/passwd', '/proc/self/mem/x', '--output=/tmp/x', '-o', '$(reboot)', '`id`'];
const ODD_NUMBERS = [0, -0, -1, 1e308, Number.MAX_SAFE_INTEGER + 2, 0.1, 2 ** 31];
const ODD_SHAPES: unknown[] = [true, null, [], {}, [[[]]], { toString: 1 }];
const odd = fc.constantFrom<unknown>(...ODD_TEXTS, ...ODD_PATHS, ...ODD_NUMBERS, ...ODD_SHAPES);
const anyValue = fc.oneof(odd, fc.jsonValue());

const command = fc
  .record(
    {
      command: fc.oneof({ weight: 20, arbitrary: fc.constantFrom<unknown>(...NAMES) }, anyValue),
      command_id: fc.oneof(fc.uuid(), anyValue),
      device_id: fc.oneof(fc.constantFrom('picam:0', 'picam:1'), anyValue),
      camera_index: fc.oneof(fc.nat({ max: 70 }), anyValue),
      camera_stable_id: anyValue,
      display_name: anyValue,
      session_dir: fc.oneof(fc.constantFrom('session_1', '/nowhere/session_2'), anyValue),
      trial_number: fc.oneof(fc.nat(), anyValue),
      trial_label: anyValue,
      level: fc.oneof(fc.constantFrom('debug', 'INFO', 'error'), anyValue),
      enabled: fc.oneof(fc.boolean(), anyValue),
      timestamp: anyValue,
      __proto__: anyValue,
      constructor: anyValue,
    },
    { requiredKeys: ['command'] },
  )
  .map((value) => JSON.stringify(value));

const HUGE_NUMBERS = ['1e999', '-1e999', '9'.repeat(400), '0.'.padEnd(400, '0'), '-0', '01', '1.', 'NaN', 'Infinity'];

/** Not JSON, or JSON that is hard to bear. */
const hostile = fc.oneof(
  fc
    .tuple(fc.nat({ max: 30_000 }), fc.constantFrom('[', '{"a":', '[{"command":'))
    .map(([depth, open]) => open.repeat(Math.floor(depth / open.length))),
  fc.nat({ max: 20_000 }).map((depth) => `{"command":"get_status","x":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  fc.constantFrom(...HUGE_NUMBERS).map((number) => `{"command":"start_recording","trial_number":${number}}`),
  fc.constantFrom(
    '',
    ' ',
    '\t\r',
    'null',
    '[]',
    '"get_status"',
    '{}',
    '\uFEFF{"command":"get_status"}',
    'quit',
    '{"command":"get_status"} {}',
  ),
  fc.constantFrom('{"command":"get_status","command":"show_window"}', '{"__proto__":{"command":"quit"}}'),
  fc.integer({ min: 65_000, max: 70_000 }).map((length) => `{"command":"get_status","x":"${'y'.repeat(length)}"}`),
  fc.string({ unit: 'binary' }),
);

const text = fc.oneof(
  { weight: 12, arbitrary: command },
  { weight: 4, arbitrary: hostile.filter((line) => line.length < 2_000) },
  hostile,
);

/** A line that lost its tail, or some of its bytes to others. */
const damaged = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }), fc.option(fc.nat(), { freq: 2 }))
  .map(([line, changes, end]) => {
    const bytes = Buffer.from(line);
    for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return end === null || bytes.length === 0 ? bytes : bytes.subarray(0, end % bytes.length);
  });

/** One or more lines, without the last newline. Never the command to quit. */
export const anyLine: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 6, arbitrary: text.map((line) => Buffer.from(line)) },
    { weight: 4, arbitrary: damaged },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  )
  .filter((bytes) => !partsOf(bytes).some(isQuit));

/** How many answers these bytes and a newline have to get: one for each line that is not blank. */
export function answersDue(bytes: Buffer): number {
  return partsOf(bytes).filter((part) => !isBlank(part)).length;
}

function partsOf(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    parts.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return [...parts, bytes.subarray(from)];
}

/** White space by JavaScript's notion is skipped, as is a byte order mark; bytes that are no UTF-8 are a bad line. */
function isBlank(part: Buffer): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(part).trim() === '';
  } catch {
    return false;
  }
}

function isQuit(part: Buffer): boolean {
  try {
    const checked = checkCommand(JSON.parse(part.toString()));
    return checked.ok && checked.command.name === 'quit';
  } catch {
    return false;
  }
}
