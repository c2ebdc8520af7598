import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROMTOOL, promtoolPath } from '../../../scripts/readers.mjs';
import { exposition } from '../../../src/monitor/metrics/exposition.js';
import { cameraOf, snapshotOf, statusOf, TRAFFIC, waitingCamera } from '../../harness/metrics-snapshot.js';
import { ROOT } from '../../harness/paths.js';
import { isPresent } from '../../harness/present-readers.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

interface Outcome {
  readonly code: number | null;
  readonly said: string;
}

function promtool(args: readonly string[], input = ''): Outcome {
  const { status, stdout, stderr } = spawnSync(promtoolPath(), args, { cwd: ROOT, input, encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

/** Names as no host should choose them. They differ in nothing but what an answer cannot hold. */
const HOSTILE = [
  'plain',
  'a"b',
  "a'b",
  'a\\',
  'a\\n',
  'a\nb',
  '"} 1\ncsicameras_up{a="',
  '# TYPE x',
  'ü🪲',
  '\ud800',
  '\udc00',
];
const INVISIBLE = ['', ' ', '\u0000', '\r', '\r\n', '\u0085', '\u2028', '\ufeff', '\ufffd', '{}', ','];

(isPresent(PROMTOOL) ? describe : describe.skip)('promtool', () => {
  it('finds nothing wrong with the metrics of two cameras', () => {
    expect(promtool(['check', 'metrics'], exposition(snapshotOf(), TRAFFIC, 0))).toEqual({
      code: 0,
      said: '',
    });
  });

  it('finds nothing wrong where names are hostile', () => {
    const cameras = [...HOSTILE, ...INVISIBLE].map((name) =>
      (name.length % 2 === 0 ? cameraOf : waitingCamera)({ device_id: name, display_name: name, model: name }),
    );
    const text = exposition(snapshotOf(statusOf({ cameras, version: 'a"\n' })), TRAFFIC, 0);
    expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, said: '' });
    expect(text.match(/^csicameras_recording\{/gm)).toHaveLength(cameras.length);
  });

  it('finds nothing wrong without a camera', () => {
    const text = exposition(snapshotOf(statusOf({ cameras: [], disk: null })), TRAFFIC, 0);
    expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, said: '' });
  });

  it('would find a wrong metric', () => {
    const wrong = '# TYPE a_milliseconds counter\na_milliseconds{b="\\x"} 1\n';
    expect(promtool(['check', 'metrics'], wrong).code).not.toBe(0);
  });

  it('accepts the scrape job with the alert rules', () => {
    expect(promtool(['check', 'config', 'docs/monitoring/prometheus.yml'])).toMatchObject({ code: 0 });
  });

  it('sees each alert when it is due, and none when all is well', () => {
    expect(promtool(['test', 'rules', 'test/readers/monitor/alerts.test.yml'])).toMatchObject({ code: 0 });
  });

  it('accepts every query of the dashboard', async () => {
    const dashboard = readFileSync(join(ROOT, 'docs/monitoring/grafana-dashboard.json'), 'utf8');
    const queries = [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '']) => JSON.parse(text) as string,
    );
    expect(queries.length).toBeGreaterThan(15);
    const rules = queries.map((query, at) => `      - { record: 'q${at}', expr: ${JSON.stringify(plain(query))} }\n`);
    const folder = await temporaryFolder();
    const path = join(folder.path, 'queries.yml');
    await writeFile(path, `groups:\n  - name: dashboard\n    rules:\n${rules.join('')}`);
    const outcome = promtool(['check', 'rules', path]);
    await folder.remove();
    expect(outcome).toMatchObject({ code: 0 });
  });
});

/** Grafana fills its variables in before Prometheus sees them. */
function plain(query: string): string {
  return query.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');
}
