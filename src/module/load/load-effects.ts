import type { Clock } from '../../core/clock.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Report, StatusReport } from '../../protocol/statuses.js';
import type { Camera } from '../camera/camera.js';
import { isHeavier, LoadGovernor } from './load-governor.js';
import type { LoadFigures } from './load-judgement.js';
import type { LoadSignals } from './load-signals.js';

interface LoadSurroundings {
  readonly clock: Clock;
  readonly signals: LoadSignals;
  readonly logs: LogSink;
  readonly cameras: ReadonlyMap<string, Camera>;
  readonly report: (report: Report) => void;
}

/** A governor, not yet started, that makes itself felt: in the log, at the cameras and, where it hurts, at the host. */
export function governedLoad({ clock, signals, logs, cameras, report }: LoadSurroundings): LoadGovernor {
  return new LoadGovernor({
    clock,
    signals,
    pipelines: () => [...cameras.values()].flatMap(({ liveFigures }) => liveFigures ?? []),
    onChange: ({ was, level, figures }) => {
      for (const camera of cameras.values()) camera.setLoadLevel(level);
      const isPainful = isHeavier(level, was) && level !== 'previewThinned';
      logs.log(isPainful ? 'warn' : 'info', 'Load level changed.', { was, loadLevel: level, ...figures });
      if (!isPainful) return;
      const message = `The load is high: ${GIVEN_UP[level]} Recording goes on. ${inWords(figures)}`;
      report({ status: 'warning', data: { code: 'load_level_changed', message } });
    },
    onUnderVoltage: () => {
      const message =
        "The supply's voltage is too low: use the power supply that the board asks for, and a short cable.";
      logs.log('warn', message, { code: 'under_voltage' });
      report({ status: 'warning', data: { code: 'under_voltage', message } });
    },
  });
}

/** The part of `status()` about the load. */
export function describeLoad(governor: Pick<LoadGovernor, 'level' | 'figures'> | undefined): {
  readonly load_level: StatusReport['load_level'];
  readonly load: StatusReport['load'];
} {
  const figures = governor?.figures;
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

const GIVEN_UP = {
  normal: '',
  previewThinned: '',
  previewPaused: 'the preview is paused.',
  reportingSlowed: 'heartbeats and figures come less often.',
} as const;

function inWords({ bufferFill, writeDelayMs, eventLoopDelayMs, temperatureC }: LoadFigures): string {
  const heat = temperatureC === null ? '' : `, ${Math.round(temperatureC)} °C`;
  return `(Buffer ${Math.round(bufferFill * 100)} % full, disk ${Math.round(writeDelayMs)} ms and event loop ${Math.round(eventLoopDelayMs)} ms late${heat}.)`;
}
