import { SETTING_GROUPS, SETTING_NAMES, settingSpec } from '../../core/camera-settings.js';
import { printable } from '../../core/safe-text.js';
import type { CameraToSet } from './cameras-to-set.js';
import { valueText } from './value-text.js';

/** What `csi-cameras settings` prints. */

/** Which camera it is, for a person: `picam:0, imx296 (/base/.../imx296@1a)`. */
export function titleOf({ deviceId, model, id, isConnected }: CameraToSet): string {
  const where = isConnected ? deviceId : `not connected${deviceId === '' ? '' : ` (was ${deviceId})`}`;
  return printable(`${where}, ${model || 'unknown model'} (${id})`);
}

/** A table of a camera's settings: name, value and where it came from, by group. */
export function tableOf(camera: CameraToSet): string {
  const { settings, origins, ignored } = camera.desk;
  const rows = Object.entries(SETTING_GROUPS).flatMap(([group, heading]) => [
    heading,
    ...SETTING_NAMES.filter((name) => settingSpec(name).group === group).map((name) => [
      `  ${name}`,
      valueText(name, settings),
      origins[name] ?? 'default',
    ]),
  ]);
  const cells = rows.filter((row) => typeof row !== 'string');
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    typeof row === 'string'
      ? row
      : row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
  );
  const notes = ignored.map(({ why }) => `Note: ${why}`);
  return [titleOf(camera), ...lines, ...notes].map((line) => `${printable(line)}\n`).join('');
}

/** The same for programs. */
export function dataOf({ deviceId, index, model, id, isConnected, desk }: CameraToSet): object {
  const { settings, origins, kept, ignored } = desk;
  const values = SETTING_NAMES.map((name) => [
    name,
    { value: settings[name] ?? null, origin: origins[name] ?? 'default' },
  ]);
  const about = { device_id: deviceId, index, model, id, connected: isConnected };
  return { ...about, settings: Object.fromEntries(values) as object, kept, ignored };
}
