import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exposition, FAMILIES } from '../../../../src/monitor/metrics/exposition.js';
import { MarkdownDocument, namesIn } from '../../../harness/markdown-tables.js';
import { snapshotOf, TRAFFIC } from '../../../harness/metrics-snapshot.js';
import { ROOT } from '../../../harness/paths.js';

const monitoring = new MarkdownDocument('docs/monitoring.md');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const alerts = read('docs/monitoring/alerts.yml');
const dashboard = read('docs/monitoring/grafana-dashboard.json');

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim());
const metricsIn = (text: string): string[] => [...new Set(text.match(/\bcsicameras_\w+/g))].sort();
const known = new Set(FAMILIES.map(({ name }) => name));
const unknownIn = (text: string): string[] => metricsIn(text).filter((name) => !known.has(name));

describe('docs/monitoring.md', () => {
  it('has every metric with its type, its labels and its meaning, and no other', () => {
    expect(monitoring.tableUnder('Metrics')).toEqual(
      FAMILIES.map(({ name, type, labels, help }) => ({
        metric: `\`${name}\``,
        type,
        labels: labels.map((label) => `\`${label}\``).join(', '),
        meaning: help,
      })),
    );
  });

  it('names only metrics that are there', () => {
    expect(unknownIn(read('docs/monitoring.md'))).toEqual([]);
  });

  it('has every alert, and no other', () => {
    const told = monitoring.tableUnder('Alerts').map(({ alert }) => namesIn(alert)[0]);
    expect(told).toEqual([...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name));
  });

  it.each([
    ['Alerts', 'docs/monitoring/alerts.yml'],
    ['The scrape job', 'docs/monitoring/prometheus.yml'],
  ])('shows under "%s" what is in %s', (heading, path) => {
    const shown = monitoring.codeUnder(heading).map((line) => line.trim());
    expect(shown.length).toBeGreaterThan(2);
    expect(linesOf(read(path)).join('\n')).toContain(shown.join('\n'));
  });
});

describe('the metrics', () => {
  it('are each given of two cameras of which one records', () => {
    const text = exposition(snapshotOf(), TRAFFIC, 0);
    expect(metricsIn(text)).toEqual([...known].sort());
  });

  it('have names with their prefix, counters the end that Prometheus asks for, and a sentence each', () => {
    expect(known.size).toBe(FAMILIES.length);
    for (const { name, type, help } of FAMILIES) {
      expect(name).toMatch(/^csicameras_[a-z_]+$/);
      expect({ name, isTotal: name.endsWith('_total') }).toEqual({ name, isTotal: type === 'counter' });
      expect(help).toMatch(/^(?:[A-Z\d]|").*\.$/);
    }
  });
});

describe('what Prometheus and Grafana are given', () => {
  it('asks only for metrics that are there', () => {
    expect(metricsIn(alerts).length).toBeGreaterThan(5);
    expect(metricsIn(dashboard).length).toBeGreaterThan(15);
    expect(unknownIn(alerts)).toEqual([]);
    expect(unknownIn(dashboard)).toEqual([]);
  });

  it('asks only for labels that they have', () => {
    const labels = new Set(['instance', 'job', ...FAMILIES.flatMap((family) => family.labels)]);
    const asked = `${alerts}\n${dashboard.replaceAll('\\"', '"')}`;
    const matched = [...asked.matchAll(/[{,]\s*(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label);
    const shown = [...asked.matchAll(/\{\{(?: \$labels\.)?(\w+) ?\}\}/g)].map(([, label = '']) => label);
    expect(matched.length).toBeGreaterThan(10);
    expect(shown.length).toBeGreaterThan(10);
    expect([...matched, ...shown].filter((label) => !labels.has(label))).toEqual([]);
  });

  it('judges each state and reason by a word that it can have', () => {
    const text = exposition(snapshotOf(), TRAFFIC, 0);
    const asked = [...alerts.matchAll(/\b(state|reason)[!=]~?"([^"]+)"/g)];
    expect(asked.length).toBeGreaterThan(1);
    for (const [, label = '', words = ''] of asked) {
      for (const word of words.split('|')) expect(text).toContain(`${label}="${word}"`);
    }
  });
});
