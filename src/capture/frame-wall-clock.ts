/** Values are compared by ratio: the units differ by 1000, and the same clock read twice differs by far less than this. */
const SAME_RATIO = 4;

/** This near to 1970 the time from the frame to its arrival is a large share of the clock, so a ratio says nothing. */
const TOO_NEAR_TO_1970_MS = 10_000;

const NS_PER_US = 1_000n;

/**
 * Reads `FrameWallClock`. It is in nanoseconds since libcamera 0.5.2 and in microseconds before. Its size alone does not tell
 * which: a machine without a clock chip and without a network starts in 1970, and its nanoseconds are as small as
 * today's microseconds. So the value is compared with this machine's own clock, which is the same clock read a moment
 * later, or its step with the step of the sensor's clock. The unit is decided once for a stream, because the clock may be set
 * at any time afterwards.
 */
export class FrameWallClock {
  #unitsPerUs: bigint | null = null;
  /** The last value and its frame's sensor timestamp, while the unit is not known. 0n if there was none. */
  #lastValue = 0n;
  #lastSensorNs = 0n;

  /**
   * The frame's wall clock, microseconds since 1970. That is our own clock if there is no value (0n) or if the value fits
   * no unit. `ownMs`: our wall clock at the frame's arrival, milliseconds. `sensorTimestampNs`: 0n if there is none.
   */
  read(value: bigint, sensorTimestampNs: bigint, ownMs: number): bigint {
    if (value !== 0n) {
      this.#unitsPerUs ??= this.#decide(value, sensorTimestampNs, ownMs);
      const unitsPerUs = this.#unitsPerUs;
      if (unitsPerUs !== null && fits(value, unitsPerUs, ownMs)) return unitsPerUs === 1n ? value : value / unitsPerUs;
    }
    return BigInt(Math.round(ownMs * 1000));
  }

  #decide(value: bigint, sensorTimestampNs: bigint, ownMs: number): bigint | null {
    if (ownMs >= TOO_NEAR_TO_1970_MS) {
      if (fits(value, NS_PER_US, ownMs)) return NS_PER_US;
      if (fits(value, 1n, ownMs)) return 1n;
    }
    return this.#decideByStep(value, sensorTimestampNs);
  }

  /** From one frame to the next, wall clock and sensor clock move on by the same time, unless one of them was set. */
  #decideByStep(value: bigint, sensorTimestampNs: bigint): bigint | null {
    if (sensorTimestampNs === 0n) return null;
    const isFirst = this.#lastSensorNs === 0n;
    const step = Number(value - this.#lastValue);
    const sensorStepNs = Number(sensorTimestampNs - this.#lastSensorNs);
    this.#lastValue = value;
    this.#lastSensorNs = sensorTimestampNs;
    if (isFirst || !(step > 0 && sensorStepNs > 0)) return null;
    if (isSame(step, sensorStepNs)) return NS_PER_US;
    return isSame(step * 1000, sensorStepNs) ? 1n : null;
  }
}

/** Whether the value in this unit can be the time of our own clock. Near 1970 every value can. */
function fits(value: bigint, unitsPerUs: bigint, ownMs: number): boolean {
  return ownMs < TOO_NEAR_TO_1970_MS || isSame(Number(value), ownMs * 1000 * Number(unitsPerUs));
}

function isSame(one: number, other: number): boolean {
  return one < other * SAME_RATIO && other < one * SAME_RATIO;
}
