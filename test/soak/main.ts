import { writeFile } from 'node:fs/promises';
import { readOptions, USAGE, type SoakOptions } from './options.js';
import { exitCodeOf } from './outcome.js';
import { plot } from './plot.js';
import { report } from './report.js';
import { soak } from './soak.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const sayMeanwhile = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

function optionsOrUsage(): SoakOptions | null {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === null) say(USAGE);
    return options;
  } catch (thrown) {
    sayMeanwhile(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${USAGE}`);
    process.exitCode = 2;
    return null;
  }
}

const options = optionsOrUsage();
if (options !== null) {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second Ctrl-C ends this program itself, and the module at the end of its stdin.
    process.once(signal, () => {
      stop.abort();
    });
  }
  const result = await soak(options, sayMeanwhile, stop.signal);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ options, ...result }, null, 1)}\n`);
  if (options.plot !== undefined) await writeFile(options.plot, plot(result));
  say(report(result));
  process.exitCode = exitCodeOf(result.outcome, options.isStrict);
}
