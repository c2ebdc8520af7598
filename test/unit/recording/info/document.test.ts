import { describe, expect, it } from '@jest/globals';
import { infoExample } from '../../../harness/info-files.js';
import { MarkdownDocument, namesIn } from '../../../harness/markdown-tables.js';

/** A map of other names, a list of texts, or what is explained elsewhere: one row of the document. */
const WHOLE = new Set([
  'csi_cameras.files.metadata',
  'csi_cameras.settings.asked',
  'csi_cameras.settings.given',
  'csi_cameras.tool.arguments',
  'csi_cameras.checksums',
  'csi_cameras.source',
]);

function leaves(value: unknown, name: string): readonly string[] {
  if (WHOLE.has(name)) return [name];
  if (Array.isArray(value)) return leaves(value[0], `${name}[]`);
  if (typeof value !== 'object' || value === null) return [name];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, name === '' ? key : `${name}.${key}`));
}

describe('docs/info-file.md', () => {
  it('has every field in the order of the file, and no other', () => {
    const rows = new MarkdownDocument('docs/info-file.md').tableUnder('Fields');
    expect(rows.flatMap((row) => namesIn(row['Field']))).toEqual(leaves(infoExample(), ''));
  });

  it('has every name of BIDS, with the type that it has in the file', () => {
    const rows = new MarkdownDocument('docs/info-file.md').tableUnder('BIDS');
    const { csi_cameras: _own, ...sidecar } = infoExample();
    const types = Object.entries(sidecar).map(([name, value]) => [
      name,
      typeof value === 'string' ? 'text' : typeof value,
    ]);
    expect(rows.map((row) => [...namesIn(row['BIDS name']), row['JSON']])).toEqual(types);
  });
});
