import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { commandLine } from '../../../src/cli/command-line.js';
import { ERRNO_MEANINGS, ERROR_ADVICE, ERROR_CODES } from '../../../src/core/errors.js';
import { checkCommand } from '../../../src/protocol/command-check.js';
import { COMMAND_NAMES, COMMANDS, MAX_LINE_BYTES } from '../../../src/protocol/commands.js';
import { DEFAULT_CONFIG, describeOptions, readConfig } from '../../../src/protocol/config.js';
import { readConfigText } from '../../../src/protocol/config-text.js';
import {
  HOST_CONFIG_KEYS,
  HOST_OWN_KEYS,
  REPLACED_MODULE_KEYS,
  REPLACED_MODULE_SECTION,
} from '../../../src/protocol/host-config-keys.js';
import {
  STATUS_NAMES,
  STATUSES,
  statusReport,
  type StatusMessage,
  type StatusName,
} from '../../../src/protocol/statuses.js';
import { WARNING_CODES } from '../../../src/protocol/warnings.js';
import { MarkdownDocument, namesIn } from '../../harness/markdown-tables.js';
import { ROOT } from '../../harness/paths.js';
import { fieldsOf } from '../../harness/schema-words.js';

const protocol = new MarkdownDocument('docs/host-protocol.md');
const errors = new MarkdownDocument('docs/errors.md');
const configuration = new MarkdownDocument('docs/configuration.md');

const code = (name: string): string => `\`${name}\``;

/** Everything that the program's sources say, as one text. */
function sources(folder = join(ROOT, 'src')): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) =>
      entry.isDirectory() ? sources(join(folder, entry.name)) : readFileSync(join(folder, entry.name), 'utf8'),
    )
    .join('\n');
}

describe('docs/host-protocol.md', () => {
  it('has every command with its aliases and its outcome, and no other', () => {
    expect(protocol.tableUnder('Commands')).toEqual(
      COMMAND_NAMES.map((name) => ({
        command: code(name),
        aliases: COMMANDS[name].aliases.map((alias) => code(alias)).join(', '),
        outcome: COMMANDS[name].summary,
      })),
    );
  });

  it('has every parameter with its type and its meaning, and no other', () => {
    const described = (schema: v.GenericSchema): string =>
      v.getDescription(schema) ?? ('wrapped' in schema ? described(schema.wrapped as v.GenericSchema) : '');
    const parameters = COMMAND_NAMES.flatMap((name) => {
      const entries: v.ObjectEntries = COMMANDS[name].parameters;
      return fieldsOf(entries).map(({ path, type, isOptional }) => ({
        command: code(name),
        parameter: code(path),
        type,
        needed: isOptional ? 'no' : 'yes',
        meaning: described(entries[path] as v.GenericSchema),
      }));
    });
    expect(protocol.tableUnder('Parameters')).toEqual(parameters);
    for (const { meaning } of parameters) expect(meaning).not.toBe('');
  });

  it('has every status, and no other', () => {
    const rows = protocol.tableUnder('Statuses');
    expect(rows.map(({ status }) => status)).toEqual(STATUS_NAMES.map((name) => code(name)));
    for (const { when } of rows) expect(when).toMatch(/\.$/);
  });

  it('has every field of every status with its type, and no other', () => {
    const plain = STATUS_NAMES.filter((name) => STATUSES[name] !== statusReport);
    const fields = plain.flatMap((name) =>
      fieldsOf(STATUSES[name].entries).map(({ path, type, isOptional }) => ({
        status: code(name),
        field: `${code(path)}${isOptional ? '?' : ''}`,
        type,
        meaning: expect.stringMatching(/\.$/),
      })),
    );
    expect(protocol.tableUnder('Data')).toEqual(fields);
    expect(STATUS_NAMES.filter((name) => !plain.includes(name))).toEqual(['status_report', 'heartbeat']);
  });

  it('has every field of the snapshot with its type, and no other', () => {
    expect(protocol.tableUnder('The snapshot')).toEqual(
      fieldsOf(statusReport.entries).map(({ path, type }) => ({
        field: code(path),
        type,
        meaning: expect.stringMatching(/\.$/),
      })),
    );
  });

  it('has every state of a camera, and no other', () => {
    const states = protocol.tableUnder('The life of a camera').map(({ state }) => namesIn(state)[0]);
    expect(states).toEqual(statusReport.entries.cameras.item.entries.state.options);
  });

  it('has every launch flag, and no other', () => {
    const flags = protocol.tableUnder('Launch flags').flatMap(({ flag }) => namesIn(flag));
    const accepted = commandLine()
      .options.filter((option) => option.long !== '--version')
      .map((option) => option.flags);
    expect(new Set(flags)).toEqual(new Set([...accepted, '--version', '--help']));
    expect(flags).toHaveLength(accepted.length + 2);
  });

  it('has the bound of a line', () => {
    expect(MAX_LINE_BYTES.toLocaleString('en-GB')).toBe('65,536');
    expect(readFileSync(join(ROOT, 'docs/host-protocol.md'), 'utf8')).toContain('at most 65,536 bytes');
  });

  const examples = protocol.codeUnder('A session');
  const envelope = JSON.parse(protocol.codeUnder('Statuses').join('\n')) as StatusMessage;

  it('has commands in its examples that are accepted', () => {
    const sent = examples
      .filter((line) => line.startsWith('> '))
      .map((line) => checkCommand(JSON.parse(line.slice(2))));
    expect(sent.length).toBeGreaterThan(5);
    for (const checked of sent) expect(checked).toMatchObject({ ok: true });
  });

  it('has statuses in its examples that are as the schemas say', () => {
    const heard = examples
      .filter((line) => line.startsWith('< '))
      .map((line) => JSON.parse(line.slice(2)) as StatusMessage)
      .concat(envelope);
    expect(heard.length).toBeGreaterThan(10);
    for (const { status, data } of heard) {
      const schema: v.GenericSchema = v.strictObject(STATUSES[status].entries);
      expect(v.safeParse(schema, data).issues).toBeUndefined();
    }
    const isAnswer = (message: StatusMessage): boolean => message.in_reply_to !== undefined;
    for (const message of heard.filter((one) => isAnswer(one))) expect(message.command_id).toBe(message.in_reply_to);
  });

  it('has no line in its examples that is neither', () => {
    expect(examples.filter((line) => !/^[<>] \{/.test(line))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has every error code with its advice, and no other', () => {
    expect(errors.tableUnder('Error codes')).toEqual(
      ERROR_CODES.map((name) => ({
        code: code(name),
        'when it happens': expect.stringMatching(/^[A-Z1-9].*\.$/),
        'what to do': ERROR_ADVICE[name],
      })),
    );
  });

  it('has every errno with its code and what to do, and no other', () => {
    expect(errors.tableUnder('What the system answered')).toEqual(
      Object.entries(ERRNO_MEANINGS).map(([errno, meaning]) => ({
        errno: code(errno),
        code: code(meaning?.code ?? ''),
        'what to do': meaning?.advice ?? ERROR_ADVICE[meaning?.code ?? 'io_error'],
      })),
    );
  });

  it('has every warning code with its meaning, and no other', () => {
    expect(errors.tableUnder('Warning codes')).toEqual(
      Object.entries(WARNING_CODES).map(([name, meaning]) => ({ code: code(name), meaning })),
    );
  });

  it('names the statuses that carry a code', () => {
    const withCode: StatusName[] = STATUS_NAMES.filter(
      (name) => name !== 'warning' && 'code' in STATUSES[name].entries,
    );
    const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
    const sentence = /A status that reports a failure \(([^)]*)\)/.exec(text)?.[1];
    expect(new Set(namesIn(sentence))).toEqual(new Set(withCode));
  });
});

describe('the warnings that the program gives', () => {
  it('have each a code that is known, and each known code is given somewhere', () => {
    const text = sources();
    const given = [
      ...text.matchAll(/\bwarn\(\s*'([a-z_]+)'/g),
      ...text.matchAll(/(?:'warning'|\.\.\.warning), data: \{ code: '([a-z_]+)'/g),
    ].map(([, name]) => name);
    expect(new Set(given)).toEqual(new Set(Object.keys(WARNING_CODES)));
  });
});

describe('docs/configuration.md', () => {
  it('has every option with its default and its sentence, and no other', () => {
    expect(configuration.tableUnder('Options')).toEqual(
      describeOptions().map(({ path, default: value, description }) => ({
        option: code(path),
        default: code(JSON.stringify(value)),
        meaning: description,
      })),
    );
  });

  it('has every name of the host with the options that it sets, and no other', () => {
    expect(configuration.tableUnder('Names of the host')).toEqual(
      Object.entries(HOST_CONFIG_KEYS).map(([key, paths]) => ({
        key: code(key),
        option: paths.map((path) => code(path)).join(', '),
      })),
    );
  });

  it('has every key that is passed over', () => {
    const text = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8').replaceAll('\n', ' ');
    const sentence = /passed over in silence:([^.]*)\./.exec(text)?.[1];
    expect(namesIn(sentence)).toEqual([...HOST_OWN_KEYS]);
    const ofReplaced = /are passed over too:(.*? begin with `[^`]*`)/.exec(text)?.[1];
    expect(namesIn(ofReplaced)).toEqual([...REPLACED_MODULE_KEYS, REPLACED_MODULE_SECTION]);
  });

  it('has an example of lines that is accepted', () => {
    const { config, problems } = readConfigText(configuration.codeUnder('A file of lines').join('\n'), 'The example');
    expect(problems).toEqual([]);
    expect(readConfig(config)).not.toEqual({ config: DEFAULT_CONFIG, problems: [] });
  });

  it('has an example that is accepted', () => {
    const example = JSON.parse(configuration.codeUnder('Configuration').join('\n')) as unknown;
    const { config, problems } = readConfig(example);
    expect(problems).toEqual([]);
    expect(config).not.toEqual(DEFAULT_CONFIG);
  });
});
