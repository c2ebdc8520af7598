import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import lint from '../../oxlint.config.mjs';
import { importsOfFiles, roomsOf } from '../../scripts/structure.mjs';
import * as budget from '../../src/core/closing-budget.js';
import { DOCUMENTS, textOf } from '../harness/documents/documents.js';
import { MarkdownDocument, namesIn } from '../harness/markdown-tables.js';
import { ROOT } from '../harness/paths.js';

const architecture = new MarkdownDocument('docs/architecture.md');

/** The anchor that GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (path: string): string[] =>
  [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('the documents', () => {
  it.each(DOCUMENTS)('%s links to files and headings that are there', (document) => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? document : normalize(join(dirname(document), path));
      return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsIn(target).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it.each(DOCUMENTS)('%s names files that are there', (document) => {
    const named = [...textOf(document).matchAll(/`((?:src|test|scripts|bench|docs|fixtures|\.ci)\/[\w./-]*)`/g)];
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it.each(['The way of a frame', 'Sideways', 'The way of a command', 'The way of a status'])(
    '%s goes through files and functions that are there',
    (heading) => {
      const steps = architecture.tableUnder(heading);
      expect(steps.length).toBeGreaterThan(4);
      const lost = steps.filter((step) => {
        const [file = ''] = namesIn(step['File']);
        const [name = ''] = namesIn(step['Function']);
        const path = join(ROOT, 'src', file);
        return !existsSync(path) || !readFileSync(path, 'utf8').includes(`${name}(`);
      });
      expect(lost).toEqual([]);
    },
  );

  it('has the floors that lint holds', () => {
    const messages = JSON.stringify(lint.overrides);
    const floors = [...messages.matchAll(/([a-z]+)\/ may import only from: ([a-zA-Z, ]+) \(/g)];
    expect(floors.length).toBeGreaterThan(5);
    const held = Object.fromEntries(floors.map(([, room = '', below = '']) => [room, below === 'Node' ? '' : below]));
    const rows = architecture.tableUnder('Rooms').map((row) => [namesIn(row['Room'])[0], row['May import from']]);
    const told = rows
      .filter(([room = '']) => /^[a-z]+\/$/.test(room))
      .map(([room = '', below]) => [room.slice(0, -1), below]);
    expect(Object.fromEntries(told)).toEqual(held);
  });

  it('has every room of src/', () => {
    const rooms = roomsOf(importsOfFiles()).filter((room) => room !== '');
    const told = architecture.tableUnder('Rooms').flatMap((row) => namesIn(row['Room']));
    expect(new Set(told)).toEqual(new Set(rooms.map((room) => `${room}/`)));
  });
});

describe('the budget of an end', () => {
  const rows = architecture.tableUnder('The budget of an end');
  const number = (text = ''): number => Number(text.replaceAll(',', ''));
  const sentences = rows.map((row) => row['By which constant'] ?? '').join('\n');

  it('has every constant of the code with its value, and no other', () => {
    const told = [...sentences.matchAll(/([\d,]+) \(`(\w+)`\)/g)].map(([, value, name = '']) => [name, number(value)]);
    expect(Object.fromEntries(told)).toEqual({ ...budget });
    expect(told).toHaveLength(Object.keys(budget).length);
  });

  it.each(['Shutdown', 'Unassignment'])('has the moments of the column %s that follow from them', (column) => {
    const momentOf = (what: string): number => number(rows.find((row) => row['What ends'] === what)?.[column]);
    const orders = { Shutdown: budget.SHUTDOWN_CAMERAS_MS, Unassignment: budget.UNASSIGN_MS };
    expect(momentOf('the camera')).toBe(orders[column as keyof typeof orders]);
    const others = rows.filter((row) => row['What ends'] !== 'the camera' && row[column] !== '');
    expect(others.length).toBeGreaterThan(5);
    for (const row of others) {
      const [, ms, side, of = ''] =
        /^([\d,]+) \(`\w+`\) (before|after) (.+)$/.exec(row['By which constant'] ?? '') ?? [];
      const moment = momentOf(of) + (side === 'after' ? number(ms) : -number(ms));
      expect({ what: row['What ends'], moment: number(row[column]) }).toEqual({ what: row['What ends'], moment });
    }
  });
});
