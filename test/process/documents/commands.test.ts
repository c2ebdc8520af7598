import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf } from '../../harness/documents/document-blocks.js';
import { DOCUMENTS, textOf } from '../../harness/documents/documents.js';
import { lackingPrograms, NEEDS } from '../../harness/documents/needs.js';
import { runDocument, runnableBlocks, type DocumentRun } from '../../harness/documents/run-document.js';
import { makeTemplate, type Template } from '../../harness/documents/supposed.js';
import { saySkipped } from '../../harness/say-skipped.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/**
 * Each command of each document, as a reader would type it: every one ends with 0. What a test cannot have is marked in the
 * document, and what documents suppose is made before (`supposed.ts`). `DOCUMENT=docs/logs.md` in front runs that one alone.
 */

/** So many at a time: most wait for a camera. */
const SIDE_BY_SIDE = 3;

const ADVICE = '. Mend the command, or say what it needs (CONTRIBUTING.md, "A command in a document"):';

const lengthOf = (document: string): number =>
  runnableBlocks(document, textOf(document)).reduce((sum, { lines }) => sum + lines.length, 0);
const blocks = DOCUMENTS.flatMap((document) => blocksOf(document, textOf(document)));
const wanted = process.env['DOCUMENT'] ?? '';
const documents = DOCUMENTS.filter((document) => document.includes(wanted) && lengthOf(document) > 0);
const runs = new Map<string, Promise<DocumentRun>>();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let template: Template;
let places = 0;

function run(document: string): Promise<DocumentRun> {
  places += 1;
  return runDocument(document, textOf(document), join(folder.path, String(places)), template);
}

/** Begins all of them, the longest ones first. */
function runAll(): void {
  const waiting = documents.toSorted((one, other) => lengthOf(other) - lengthOf(one));
  const begins = waiting.map((document) => {
    let begin: () => Promise<unknown> = () => Promise.resolve();
    const ended = new Promise<DocumentRun>((resolve, reject) => {
      begin = () => run(document).then(resolve, reject);
    });
    ended.catch(() => undefined); // its test tells
    runs.set(document, ended);
    return () => begin();
  });
  const oneAfterAnother = async (): Promise<void> => {
    for (let begin = begins.shift(); begin !== undefined; begin = begins.shift()) await begin();
  };
  for (let lane = 0; lane < SIDE_BY_SIDE; lane += 1) void oneAfterAnother();
}

beforeAll(async () => {
  for (const { document, line, needs } of blocks) {
    const missing = lackingPrograms(needs);
    if (missing.length > 0) saySkipped(`${document}:${line} needs what is not installed: ${missing.join(', ')}.`);
  }
  folder = await temporaryFolder();
  template = await makeTemplate(folder.path);
  runAll();
});

afterAll(async () => {
  await Promise.allSettled(runs.values());
  await folder.remove();
});

it('what blocks need is told in words that are known', () => {
  const told = blocks.flatMap(({ document, line, needs }) => needs.map((need) => ({ document, line, need })));
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter(({ need }) => !Object.hasOwn(NEEDS, need))).toEqual([]);
});

describe('the commands of', () => {
  it.each(documents)(
    '%s end well, one after another',
    async (document) => {
      const begun = runs.get(document);
      runs.delete(document); // a second trial is a run of its own
      const { code, printed } = await (begun ?? run(document));
      if (code !== 0) throw new Error(`${document} ended with ${code}${ADVICE}\n${printed}`);
      expect(code).toBe(0);
    },
    200_000,
  );
});
