import type { Clock } from '../../core/clock.js';
import { roundedC, roundedMs, roundedShare } from '../../core/figures.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Report, StatusReport } from '../../protocol/statuses.js';
import type { Camera } from '../camera/camera.js';
import { isHeavier, LoadGovernor } from './load-governor.js';
import type { LoadFigures } from './load-judgement.js';
import type { LoadSignals } from './load-signals.js';

interface LoadEffectsDependencies {
  readonly clock: Clock;
  readonly signals: LoadSignals;
  readonly logs: LogSink;
  readonly cameras: ReadonlyMap<string, Camera>;
  readonly report: (report: Report) => void;
}

/** Makes a governor that logs each level and passes it to the cameras. From `previewPaused` up it warns the host. */
export function governedLoad({ clock, signals, logs, cameras, report }: LoadEffectsDependencies): LoadGovernor {
  return new LoadGovernor({
    clock,
    signals,
    pipelines: () => [...cameras.values()].flatMap(({ liveFigures }) => liveFigures ?? []),
    onChange: ({ was, level, figures }) => {
      for (const camera of cameras.values()) camera.setLoadLevel(level);
      const isNoticeable = isHeavier(level, was) && level !== 'previewThinned';
      logs.log(isNoticeable ? 'warn' : 'info', 'Load level changed.', { was, loadLevel: level, ...rounded(figures) });
      if (!isNoticeable) return;
      const message = `The load is high. ${GIVEN_UP[level]} Recording continues. ${inWords(figures)}`;
      report({ status: 'warning', data: { code: 'load_level_changed', message } });
    },
    onUnderVoltage: () => {
      const message = 'The supply voltage is too low. Use the power supply that the board requires, and a short cable.';
      logs.log('warn', message, { code: 'under_voltage' });
      report({ status: 'warning', data: { code: 'under_voltage', message } });
    },
  });
}

/** The load, as part of `status()`. */
export function describeLoad(governor: Pick<LoadGovernor, 'level' | 'figures'> | undefined): {
  readonly load_level: StatusReport['load_level'];
  readonly load: StatusReport['load'];
} {
  const figures = governor === undefined ? undefined : rounded(governor.figures);
  return {
    load_level: governor?.level ?? 'normal',
    load: {
      event_loop_delay_ms: figures?.eventLoopDelayMs ?? 0,
      buffer_fill: figures?.bufferFill ?? 0,
      write_delay_ms: figures?.writeDelayMs ?? 0,
      temperature_c: figures?.temperatureC ?? null,
      under_voltage: figures?.isUnderVoltage ?? null,
    },
  };
}

/** The figures as statuses and logs show them. The level is decided by the exact ones. */
function rounded(figures: LoadFigures): LoadFigures {
  const { bufferFill, writeDelayMs, eventLoopDelayMs, temperatureC } = figures;
  return {
    ...figures,
    bufferFill: roundedShare(bufferFill),
    writeDelayMs: roundedMs(writeDelayMs),
    eventLoopDelayMs: roundedMs(eventLoopDelayMs),
    temperatureC: temperatureC === null ? null : roundedC(temperatureC),
  };
}

const GIVEN_UP = {
  normal: '',
  previewThinned: '',
  previewPaused: 'The preview is paused.',
  reportingSlowed: 'The preview is paused, and heartbeats and figures come less often.',
} as const;

function inWords({ bufferFill, writeDelayMs, eventLoopDelayMs, temperatureC }: LoadFigures): string {
  const heat = temperatureC === null ? '' : `, ${Math.round(temperatureC)} °C`;
  return `Buffer ${Math.round(bufferFill * 100)} % full, disk ${Math.round(writeDelayMs)} ms late, event loop ${Math.round(eventLoopDelayMs)} ms late${heat}.`;
}
