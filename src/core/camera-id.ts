/** libcamera's ids of cameras: device-tree paths such as `/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a`. */

/** Sensor model in a libcamera id: `imx296` of `.../imx296@1a`; '' if it contains none. */
export function modelOfId(id: string): string {
  return /\/([^/@]+)@[^/]*$/.exec(id)?.[1] ?? '';
}

/**
 * Whether `wanted` names the camera with this libcamera id. It may be the id itself, an id with the same stable end
 * (`i2c@88000/imx296@1a`; the part before it changes with the kernel), or an end of the id. Case does not matter.
 */
export function isSameCamera(cameraId: string, wanted: string): boolean {
  const id = cameraId.toLowerCase();
  const other = wanted.toLowerCase();
  return id === other || stableEnd(id) === stableEnd(other) || id.endsWith(`/${other}`);
}

/** The last two parts of the path: bus and sensor. */
export function stableEnd(id: string): string {
  return id
    .split('/')
    .filter((part) => part !== '')
    .slice(-2)
    .join('/');
}
