/**
 * What the module promises to hosts, as a whole: `plugin.json` and the JSON Schema files say it (docs/contract.md). What each
 * command and each status is belongs to their tables.
 */

/**
 * Minor: something was added, and a host that ignores what it does not know goes on as before. Major: something was taken
 * away, or means something else. It has nothing to do with the version of the package.
 */
export const CONTRACT_VERSION = '1.0';

/** Where the module runs, and with which cameras. */
export const PLATFORMS = [
  {
    os: 'linux',
    arch: 'arm64',
    cameras: ['csi', 'simulated'],
    summary: 'A Raspberry Pi with 64-bit Raspberry Pi OS and rpicam-apps.',
  },
  {
    os: 'linux',
    arch: 'x64',
    cameras: ['simulated'],
    summary: 'Any other machine, for trying, for developing hosts and for tests: simulate: true, or --simulate.',
  },
] as const;
