import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { COMMAND_NAMES } from '../../src/protocol/commands.js';
import { STATUS_NAMES } from '../../src/protocol/statuses.js';
import { driveSession, type Scene } from '../harness/messages/drive-session.js';
import { messagesDocument, messagesIn, withConstants } from '../harness/messages/messages-document.js';
import { ROOT } from '../harness/paths.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

const PAGE = join(ROOT, 'docs/messages.md');

/** A file to write the page to, for `npm run messages`; else it is compared. */
const written = process.env['CSI_CAMERAS_MESSAGES'];

/** What must be the same in every run: fields, types and words. A machine that cannot tell a figure says null. */
function shapeOf(value: unknown): unknown {
  if (value === null || typeof value === 'number') return 'number or null';
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.replaceAll(/\d+/g, '0');
  if (Array.isArray(value)) return value.map((item: unknown) => shapeOf(item));
  return Object.fromEntries(Object.entries(value as object).map(([name, field]) => [name, shapeOf(field)]));
}

it('has an example of every command and every status in docs/messages.md, as a session says it', async () => {
  const folder = await temporaryFolder();
  let scenes: readonly Scene[];
  try {
    scenes = withConstants(await driveSession(folder.path), folder.path);
  } finally {
    await folder.remove();
  }
  expect(new Set(scenes.flatMap(({ sent }) => sent?.command ?? []))).toEqual(new Set(COMMAND_NAMES));
  expect(new Set(scenes.flatMap(({ heard }) => heard.map(({ status }) => status)))).toEqual(new Set(STATUS_NAMES));
  if (written !== undefined) writeFileSync(written, await messagesDocument(scenes));
  // Another shape: the messages were changed on purpose? npm run messages
  expect(messagesIn(readFileSync(PAGE, 'utf8')).map((section) => shapeOf(section))).toEqual(
    scenes.map(({ title, sent, heard }) => shapeOf({ title, messages: sent === undefined ? heard : [sent, ...heard] })),
  );
}, 60_000);
