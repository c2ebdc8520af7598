import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../../../src/core/errors.js';
import { needFfprobe } from '../../harness/need-ffprobe.js';
import { progressOf, summaryOf, tableOf } from './report.js';
import { PLANNED } from './rows/all.js';
import { runRows } from './run-rows.js';

/** `npm run faults`: makes every fault happen and says what became of it. A row is described in `rows/`. */

const HELP = `Makes each fault happen to the built module and checks what follows.

npm run faults [-- options]

  --only PATTERN   only the faults whose name or theme matches (a regular expression, any case)
  --json FILE      writes the rows as {"rows": [...]} too
  --jobs N         so many rows at a time (default 4); those that measure times always run alone
  --list           the names of the faults, and nothing happens
  --help           this

The table goes to stdout, progress to stderr. Needs ffprobe and ffmpeg. As root, disks that become full are real ones.
Exit codes: 0 every row as expected and every frame accounted for, 1 not so, 2 wrong usage.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${HELP}`);
    return 2;
  }
  if (options.isHelp) {
    process.stdout.write(HELP);
    return 0;
  }
  const planned = PLANNED.filter(({ theme, row }) => options.only.test(`${theme}: ${row.fault}`));
  if (options.isList) {
    for (const { theme, row } of planned) process.stdout.write(`${theme}: ${row.fault}\n`);
    return 0;
  }
  if (planned.length === 0) {
    process.stderr.write(`No fault matches ${String(options.only)}: see --list.\n`);
    return 2;
  }
  needFfprobe();
  // A status that is not as it should be, heard outside of any row's wait.
  const strays: string[] = [];
  process.on('uncaughtException', (thrown) => strays.push(messageOf(thrown)));
  const startedAt = performance.now();
  let done = 0;
  const results = await runRows(planned, options.jobs, (result) => {
    done += 1;
    process.stderr.write(`${progressOf(result, done, planned.length)}\n`);
  });
  process.stdout.write(`${tableOf(results)}\n${summaryOf(results, performance.now() - startedAt)}\n`);
  for (const stray of strays) process.stdout.write(`  FAIL  ${stray}\n`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ rows: results }, undefined, 2)}\n`);
  return results.every(({ ok }) => ok) && strays.length === 0 ? 0 : 1;
}

interface Options {
  readonly only: RegExp;
  readonly json: string | undefined;
  readonly jobs: number;
  readonly isList: boolean;
  readonly isHelp: boolean;
}

/** The options, or what is wrong with them. */
function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: '' },
        json: { type: 'string' },
        jobs: { type: 'string', default: '4' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (!/^[1-9]\d?$/.test(values.jobs)) return '--jobs must be a number from 1 to 99.';
    const { json, list: isList, help: isHelp } = values;
    return { only: new RegExp(values.only, 'i'), json, jobs: Number(values.jobs), isList, isHelp };
  } catch (thrown) {
    return messageOf(thrown);
  }
}
