import type { CameraRun } from './camera-run.js';

/**
 * Sensor time is the start of a frame's readout. Cameras of different models read out at different speeds, and the exposure
 * lies before it: then equal sensor times do not mean that the scene was seen at equal times. These are the warnings.
 */
export function readoutWarnings(runs: readonly CameraRun[]): readonly string[] {
  const facts = runs.map(factsOf);
  const unknown = facts.filter(({ model, exposureUs }) => model === null && exposureUs === null);
  if (unknown.length > 0) {
    const names = unknown.map(({ deviceId }) => deviceId).join(', ');
    return [`Models and exposures are not compared: no info file tells them of ${names}.`];
  }
  return [...modelWarning(facts), ...exposureWarning(facts)];
}

interface Facts {
  readonly deviceId: string;
  readonly model: string | null;
  readonly exposureUs: readonly [least: number, most: number] | null;
}

function factsOf({ deviceId, takes }: CameraRun): Facts {
  const infos = takes.map(({ info }) => info).filter((info) => info !== null);
  const exposures = infos
    .map(({ csi_cameras }) => csi_cameras.settings.given?.['exposure_time_us'] ?? null)
    .filter((extent) => extent !== null);
  return {
    deviceId,
    model: infos[0]?.ManufacturersModelName ?? null,
    exposureUs:
      exposures.length === 0
        ? null
        : [Math.min(...exposures.map(([least]) => least)), Math.max(...exposures.map(([, most]) => most))],
  };
}

function modelWarning(facts: readonly Facts[]): readonly string[] {
  const models = new Set(facts.map(({ model }) => model));
  if (models.size < 2) return [];
  const list = facts.map(({ deviceId, model }) => `${deviceId} ${model ?? 'unknown'}`).join(', ');
  return [
    `The cameras are of different models (${list}). The sensor time is the start of the readout, which takes another time in each.`,
  ];
}

function exposureWarning(facts: readonly Facts[]): readonly string[] {
  const extents = facts.map(({ exposureUs }) => exposureUs).filter((extent) => extent !== null);
  const least = Math.min(...extents.map(([us]) => us));
  const most = Math.max(...extents.map(([, us]) => us));
  if (extents.length < 2 || most - least <= SAME_EXPOSURE * most) return [];
  const list = facts.map(({ deviceId, exposureUs }) => `${deviceId} ${extentText(exposureUs)}`).join(', ');
  return [
    `The exposures differ (${list}). The sensor time is the start of the readout, so the middles of the exposures are up to ${Math.round((most - least) / 2)} us further apart than the offsets say.`,
  ];
}

/** Sensors expose whole lines, so that two of one kind may differ by some. */
const SAME_EXPOSURE = 0.02;

function extentText(extent: Facts['exposureUs']): string {
  if (extent === null) return 'unknown';
  const [least, most] = extent.map((us) => Math.round(us));
  return least === most ? `${least} us` : `${least} to ${most} us`;
}
