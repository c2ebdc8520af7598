import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { apiReference } from './api-reference.mjs';

/** Writes `docs/api.md` anew from the built declarations: `npm run api` builds them first. With `--print`: to stdout. */
const root = new URL('..', import.meta.url);
const page = await apiReference(fileURLToPath(root));
if (process.argv.includes('--print')) process.stdout.write(page);
else await writeFile(new URL('docs/api.md', root), page);
