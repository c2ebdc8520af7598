import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../src/core/clock.js';
import type { MonitorFacts, MonitorHost } from '../../src/monitor/monitor.js';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { camera, report, told } from './told-statuses.js';

/** A module that the test plays for its monitor, with what it was told. */
export class MonitoredModule implements MonitorHost {
  readonly warnings: [code: string, message: string][] = [];
  readonly listening: MonitorFacts[] = [];
  readonly commands: object[] = [];
  readonly previews: [string, MessagePort][] = [];
  readonly logged: string[] = [];
  /** `warning` with code and message, `listening`. */
  readonly told = new EventEmitter<{ warning: [code: string, message: string]; listening: [] }>();
  listener: ((message: StatusMessage) => void) | null = null;
  looks = 0;
  present = report(camera());
  answer = (): Promise<StatusMessage> => Promise.resolve(told({ status: 'command_ack', data: { success: true } }));

  constructor(readonly clock: Clock) {}

  readonly status = (): ReturnType<typeof report> => {
    this.looks += 1;
    return this.present;
  };
  readonly watch = (listener: (message: StatusMessage) => void): (() => void) => {
    this.listener = listener;
    return () => {
      this.listener = null;
    };
  };
  readonly connectPreview = (deviceId: string, port: MessagePort): void => {
    this.previews.push([deviceId, port]);
  };
  readonly command = (command: object): Promise<StatusMessage> => {
    this.commands.push(command);
    return this.answer();
  };
  readonly log = (_: string, message: string): void => {
    this.logged.push(message);
  };
  readonly warn = (code: string, message: string): void => {
    this.warnings.push([code, message]);
    this.told.emit('warning', code, message);
  };
  readonly onListening = (facts: MonitorFacts): void => {
    this.listening.push(facts);
    this.told.emit('listening');
  };
}
