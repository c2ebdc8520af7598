import type { FrameMetadata } from '../../core/frame.js';
import type { Extent, GivenExtents } from '../../core/given-settings.js';

/** The least and the most of what the frames of one recording told. A frame costs ten comparisons and no memory. */
export class GivenMeter {
  readonly #exposureTimeUs = new Span();
  readonly #gain = new Span();
  readonly #colourTemperatureK = new Span();
  readonly #lensPositionDioptres = new Span();
  readonly #lux = new Span();

  note(metadata: FrameMetadata | null): void {
    if (metadata === null) return;
    this.#exposureTimeUs.note(metadata.exposureTimeUs);
    this.#gain.note(metadata.gain);
    this.#colourTemperatureK.note(metadata.colourTemperatureK);
    this.#lensPositionDioptres.note(metadata.lensPositionDioptres);
    this.#lux.note(metadata.lux);
  }

  /** What the frames of all these told. */
  static over(meters: readonly GivenMeter[]): GivenExtents {
    const over = (extentOf: (extents: GivenExtents) => Extent | null): Extent | null => {
      const span = new Span();
      for (const { extents } of meters) for (const value of extentOf(extents) ?? []) span.note(value);
      return span.extent;
    };
    return {
      exposureTimeUs: over((extents) => extents.exposureTimeUs),
      gain: over((extents) => extents.gain),
      colourTemperatureK: over((extents) => extents.colourTemperatureK),
      lensPositionDioptres: over((extents) => extents.lensPositionDioptres),
      lux: over((extents) => extents.lux),
    };
  }

  get extents(): GivenExtents {
    return {
      exposureTimeUs: this.#exposureTimeUs.extent,
      gain: this.#gain.extent,
      colourTemperatureK: this.#colourTemperatureK.extent,
      lensPositionDioptres: this.#lensPositionDioptres.extent,
      lux: this.#lux.extent,
    };
  }
}

class Span {
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  note(value: number | null): void {
    if (value === null) return;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  get extent(): Extent | null {
    return this.#most < this.#least ? null : [this.#least, this.#most];
  }
}
