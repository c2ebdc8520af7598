import { CsiCamerasError, messageOf } from '../core/errors.js';
import { printable } from '../core/safe-text.js';
import type { CameraInfo } from '../module/container.js';
import { connectedCameras, NO_CAMERAS } from './connected-cameras.js';
import { isReaderGone } from './file-output.js';

const WITHOUT_CAMERA = '`csi-cameras cameras --simulate` lists virtual cameras.';

/** Prints the cameras on stdout. Resolves with the exit code. */
export async function listCamerasForPeople(options: {
  readonly json?: boolean;
  readonly simulate?: boolean;
  readonly captureTool?: string;
}): Promise<number> {
  const config = { simulate: options.simulate === true, camera: { tool: options.captureTool ?? '' } };
  try {
    const cameras = await connectedCameras(config);
    await print(options.json === true ? `${JSON.stringify(cameras, null, 2)}\n` : table(cameras));
    return 0;
  } catch (thrown) {
    const isToolMissing = thrown instanceof CsiCamerasError && thrown.code === 'capture_tool_missing';
    process.stderr.write(`error: ${printable(messageOf(thrown))}${isToolMissing ? ` ${WITHOUT_CAMERA}` : ''}\n`);
    return 1;
  }
}

/** Rejects where the list cannot be written. A reader that has enough and leaves (`| head`) is no failure. */
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined || isReaderGone(error)) resolve();
      else reject(error);
    });
  });
}

function table(cameras: readonly CameraInfo[]): string {
  if (cameras.length === 0) return `${NO_CAMERAS} ${WITHOUT_CAMERA}\n`;
  const rows = cameras.flatMap((camera) =>
    camera.modes.map((mode, index) => {
      const isFirst = index === 0;
      return [
        isFirst ? `picam:${camera.index}` : '',
        isFirst ? camera.model : '',
        `${mode.width}x${mode.height}`,
        mode.maxFps.toFixed(2),
        mode.format,
        isFirst ? camera.id : '',
      ];
    }),
  );
  const all = [['device', 'model', 'size', 'max fps', 'format', 'id'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
