import type { LoadSignals, MachineFigures } from '../../src/module/load/load-signals.js';

/** A machine that is as the test says. */
export class FakeLoadSignals implements LoadSignals {
  figures: MachineFigures = { eventLoopDelayMs: 0, temperatureC: null, isUnderVoltage: null };
  isOpen = false;

  open(): void {
    this.isOpen = true;
  }

  read(): MachineFigures {
    return this.figures;
  }

  close(): void {
    this.isOpen = false;
  }
}
