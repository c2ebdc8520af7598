import { jsonLine } from '../../core/safe-text.js';
import { VERSION } from '../../core/own-package.js';
import { beginMs, endOf, remarksOn, type CommandLife } from '../../inspect/trace/command-life.js';
import type { OpenCommands, Traced } from '../../inspect/trace/trace.js';

export const TRACE_SCHEMA = 1;

export function tracedJson(traced: Traced, directory: string): string {
  const head = { schema: TRACE_SCHEMA, version: VERSION, exit: traced.kind === 'found' ? 0 : 3, log_dir: directory };
  const found =
    traced.kind === 'found'
      ? { id: traced.id, lives: traced.lives.map(lifeJson) }
      : { id: null, ids: traced.kind === 'several' ? traced.ids : [] };
  return `${jsonLine({ ...head, ...found, bad_lines: traced.reading.badLines })}\n`;
}

export function openJson({ commands, more, lost, reading }: OpenCommands, directory: string): string {
  return `${jsonLine({
    schema: TRACE_SCHEMA,
    version: VERSION,
    exit: 0,
    log_dir: directory,
    open: commands.map(({ id, name, first, last, isAbandoned }) => ({
      id,
      cmd: name,
      ts: first.atMs / 1000,
      last: last.name,
      is_abandoned: isAbandoned,
    })),
    more,
    lost_lines: lost,
    bad_lines: reading.badLines,
  })}\n`;
}

function lifeJson(life: CommandLife): object {
  const from = beginMs(life);
  const end = endOf(life);
  return {
    ts: from / 1000,
    end: end?.name ?? null,
    steps: life.steps.map(({ kind, atMs, name, record }) => ({ after_ms: atMs - from, kind, name, line: record })),
    log: life.log.map(({ atMs, record }) => ({ after_ms: atMs - from, line: record })),
    remarks: remarksOn(life),
  };
}
