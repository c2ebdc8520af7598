import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../../src/machine/checks/all.js';
import { judgeCapture, type Captured } from '../../../src/machine/checks/capture.js';
import { judgeDisk } from '../../../src/machine/checks/disk-speed.js';
import type { Level } from '../../../src/machine/finding.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { NEVER, prepare, type Prepared } from './prepared-machine.js';

type Row = readonly [level: Level, sentence: RegExp | string, advice: RegExp | string, prepared: Prepared];

const IMX296 = `Available cameras
-----------------
0 : imx296 [1456x1088 10-bit MONO] (/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a)
    Modes: 'R10_CSI2P' : 1456x1088 [60.38 fps - (0, 0)/1456x1088 crop]
`;
const IMX219 = `Available cameras
-----------------
0 : imx219 [3280x2464 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@88000/imx219@10)
    Modes: 'SRGGB10_CSI2P' : 1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 1640x1232 [83.70 fps - (0, 0)/3280x2464 crop]
`;
const cameras = (text: string, plan: Prepared['plan'] = {}): Prepared => ({
  capture: { '--list-cameras': text },
  plan,
});
const throttled = (bits: string): Prepared => ({ tools: { 'vcgencmd get_throttled': `throttled=${bits}\n` } });
const volt = (alarm: string): Prepared => ({
  files: { 'sys/class/hwmon/hwmon2/name': 'rpi_volt\n', 'sys/class/hwmon/hwmon2/in0_lcrit_alarm': `${alarm}\n` },
});
const supply = (milliamperes: number): Prepared => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(milliamperes);
  return {
    files: {
      'proc/device-tree/model': 'Raspberry Pi 5 Model B Rev 1.0\0',
      'proc/device-tree/chosen/power/max_current': bytes,
    },
  };
};
const degrees = (thousandths: number): Prepared => ({
  files: {
    'sys/class/thermal/thermal_zone0/temp': `${thousandths}\n`,
    'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'sys/class/thermal/thermal_zone1/temp': '99000\n',
    'sys/class/thermal/thermal_zone1/type': 'battery\n',
  },
});
const CPUFREQ = 'sys/devices/system/cpu/cpu0/cpufreq';
const governor = (name: string, driver = 'cpufreq-dt'): Prepared => ({
  files: { [`${CPUFREQ}/scaling_governor`]: `${name}\n`, [`${CPUFREQ}/scaling_driver`]: `${driver}\n` },
});
const load = (average: string): Prepared => ({
  files: { 'proc/loadavg': `${average} 0.1 0.1 1/200 4711\n`, 'proc/stat': 'cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 1\n' },
});
const pressure = (file: string, share: string, line = 'full'): Prepared => ({
  files: {
    [`proc/pressure/${file}`]: `some avg10=0.00 avg60=${share} total=1\n${line} avg10=0.00 avg60=${share} total=1\n`,
  },
});
const chrony = (leap: string, offset: string): Prepared => ({
  tools: {
    'chronyc -n tracking': `Reference ID    : C0000201\nSystem time     : ${offset} of NTP time\nLeap status     : ${leap}\n`,
  },
});
const SHOW = 'timedatectl show --property=NTPSynchronized --value';
const mount = (type: string, options = 'rw,relatime', more: Omit<Prepared, 'files'> = {}): Prepared => ({
  ...more,
  files: {
    'proc/self/mountinfo': [
      '22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/root rw',
      `36 22 8:1 / @/data ${options} shared:2 - ${type} /dev/sda1 rw`,
      '37 22 8:3 / @/data/session/within rw - tmpfs tmpfs rw',
    ].join('\n'),
  },
  plan: { out: '@/data/session', ...more.plan },
});
const limits = (name: string, soft: string): Prepared => ({
  files: {
    'proc/self/limits': `Limit                     Soft Limit           Hard Limit\n${name.padEnd(26)}${soft}   unlimited   units\n`,
  },
});
const memory = (availableKb: number, most: string, used: number): Prepared => ({
  files: {
    'proc/meminfo': `MemTotal: 8000000 kB\nMemAvailable:    ${availableKb} kB\n`,
    'proc/self/cgroup': '0::/system.slice/csi.service\n',
    'sys/fs/cgroup/system.slice/csi.service/memory.max': 'max\n',
    'sys/fs/cgroup/system.slice/csi.service/memory.current': '1000\n',
    'sys/fs/cgroup/system.slice/memory.max': `${most}\n`,
    'sys/fs/cgroup/system.slice/memory.current': `${used}\n`,
  },
});
const dmesg = (text: string): Prepared => ({ tools: { 'dmesg --level=emerg,alert,crit,err,warn': text } });
const journal = (text: string): Prepared => ({
  tools: { 'journalctl -k -b --no-pager -q -o cat -p warning -n 2000': text },
});
const GB = 1_000_000_000n;

/** Each check, with each of its levels: the level, the sentence, what to do, and the machine that is so. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  node: [
    ['ok', 'Node.js 22.1.0.', '', {}],
    ['fail', 'Node.js 18.20.1 is too old.', /Install Node\.js 20/, { nodeVersion: '18.20.1' }],
  ],
  tool: [
    [
      'ok',
      'The capture tool is rpicam-apps v1.7.0.',
      '',
      { capture: { '--version': 'rpicam-apps build: v1.7.0 a1b2 (01-01-2026)\n' } },
    ],
    [
      'note',
      /libcamera-apps v1\.2\.1, of before 2024/,
      /full-upgrade/,
      { capture: { '--version': 'libcamera-apps build: v1.2.1\n' } },
    ],
    [
      'note',
      /virtual camera/,
      /--simulate/,
      { capture: { '--version': 'rpicam-apps build: v1.7.0\n' }, plan: { isVirtual: true } },
    ],
    [
      'warn',
      'The capture tool is no rpicam-apps: it says "my tool".',
      /--capture-tool/,
      { capture: { '--version': 'my\u001b[31m tool\n' } },
    ],
    ['fail', /does not tell its version/, /apt install rpicam-apps/, {}],
  ],
  cameras: [
    ['ok', '1 camera. picam:0 (imx296) reaches 60.38 with 1456x1088, whole sensor.', '', cameras(IMX296, { fps: 60 })],
    [
      'ok',
      /tells no rates/,
      '',
      cameras("0 : ov5647 [2592x1944] (/base/soc/i2c0mux/i2c@1/ov5647@36)\n    Modes: 'SGBRG10_CSI2P' : 640x480 \n", {
        size: { width: 640, height: 480 },
      }),
    ],
    ['ok', /scales a larger mode to 1280x720/, '', cameras(IMX296, { size: { width: 1280, height: 720 } })],
    [
      'warn',
      /may take another mode/,
      /--sensor-mode 1632:1224:8:P/,
      cameras(IMX219.replaceAll('SRGGB10_CSI2P', 'SRGGB12_CSI2P').replace('1640x1232 [83.70', '1632x1224 [83.70'), {
        size: { width: 1632, height: 1224 },
      }),
    ],
    [
      'fail',
      /reaches 60\.38 frames a second with 1456x1088, whole sensor, not 90/,
      /csi-cameras cameras/,
      cameras(IMX296, { fps: 90 }),
    ],
    [
      'fail',
      /has no mode for 4056x3040/,
      /csi-cameras cameras/,
      cameras(IMX296, { size: { width: 4056, height: 3040 } }),
    ],
    ['fail', 'No camera is connected.', /ribbon cables/, cameras('No cameras available!\n')],
    ['fail', 'Only 1 camera of 2 is connected.', /ribbon cables/, cameras(IMX296, { cameras: 2 })],
    ['unknown', /could not be listed/, '', {}],
  ],
  devices: [
    ['ok', /all 2 video and media devices/, '', { files: { 'dev/video0': '', 'dev/media0': '', 'dev/null': '' } }],
    [
      'fail',
      'This user may not use 1 device (/dev/media0).',
      /usermod -aG video \$USER, then log in again/,
      { files: { 'dev/video0': '', 'dev/media0': '' }, refused: ['/media0'] },
    ],
    ['unknown', /no \/dev\/media/, '', { files: { 'dev/video0': '' } }],
    ['unknown', /virtual camera/, '', { plan: { isVirtual: true } }],
  ],
  dma_heap: [
    [
      'ok',
      /dma_heap\/vidbuf_cached/,
      '',
      { files: { 'dev/dma_heap/linux,cma': '', 'dev/dma_heap/vidbuf_cached': '' }, refused: ['linux,cma'] },
    ],
    [
      'fail',
      /may not allocate camera memory/,
      /usermod/,
      { files: { 'dev/dma_heap/linux,cma': '' }, refused: ['linux,cma'] },
    ],
    ['unknown', /no \/dev\/dma_heap/, '', {}],
    ['unknown', /virtual camera/, '', { plan: { isVirtual: true } }],
  ],
  holders: [
    ['ok', /No other program/, '', { files: { 'proc/900000001/cmdline': 'bash\0' } }],
    [
      'warn',
      'A camera is in use by motion (process 900000001).',
      /End it/,
      {
        files: { 'proc/900000001/cmdline': '/usr/bin/motion\0-n\0' },
        links: { 'proc/900000001/fd/3': '/dev/media0', 'proc/900000001/fd/4': '/dev/v4l-subdev0' },
      },
    ],
    ['unknown', /no \/proc/, '', {}],
  ],
  capture: [['unknown', /--camera does/, '', {}]],
  voltage: [
    ['ok', 'The voltage is good now.', '', volt('0')],
    ['ok', 'The voltage is good now.', '', throttled('0x50000')],
    ['fail', 'The voltage is too low now.', /supply/, volt('1')],
    ['fail', 'The voltage is too low now.', /supply/, throttled('0x50005')],
    ['unknown', /vcgencmd is not installed/, '', {}],
  ],
  throttling: [
    ['ok', /Neither voltage nor heat/, '', throttled('0x0')],
    ['note', /soft temperature limit/, /Cool it/, throttled('0x80000')],
    ['warn', 'The voltage was too low since the start.', /supply/, throttled('0x10000')],
    ['warn', 'The processor was slowed down since the start.', /Cool it/, throttled('0x40000')],
    ['warn', 'The processor is slowed down now.', /Cool it/, throttled('0x4')],
    ['unknown', /says nothing of use/, '', { tools: { 'vcgencmd get_throttled': 'VCHI initialization failed\n' } }],
    ['unknown', /not installed/, '', {}],
  ],
  supply: [
    ['ok', 'The supply promises 5 A.', '', supply(5000)],
    ['note', /does not say what it gives/, /5 A/, supply(0)],
    ['warn', 'The supply promises 3 A only.', /5 A/, supply(3000)],
    ['unknown', /firmware does not tell/, '', { files: { 'proc/device-tree/model': 'Raspberry Pi 5 Model B\0' } }],
    ['unknown', /Only a Raspberry Pi 5/, '', { files: { 'proc/device-tree/model': 'Raspberry Pi 4 Model B\0' } }],
  ],
  temperature: [
    ['ok', 'The processor has 69.9 degrees Celsius.', '', degrees(69_900)],
    ['note', /70\.0 degrees/, /air/, degrees(70_000)],
    ['warn', /80\.0 degrees/, /cool it/, degrees(80_000)],
    ['fail', /85\.0 degrees/, /below 70/, degrees(85_000)],
    ['unknown', /No temperature/, '', { files: { 'sys/class/thermal/thermal_zone0/temp': 'hot\n' } }],
  ],
  governor: [
    ['ok', /follows its work \(ondemand\)/, '', governor('ondemand')],
    ['ok', /powersave/, '', governor('powersave', 'intel_pstate')],
    ['note', /rises late \(conservative\)/, /performance/, governor('conservative')],
    ['warn', /lowest clock/, /echo performance/, governor('powersave')],
    ['unknown', /no governor/, '', governor('\u001b[31m')],
  ],
  load: [
    ['ok', 'The load of the last minute is 1.20 on 2 processors.', '', load('1.20')],
    ['note', /1\.50 on 2/, /top/, load('1.50')],
    ['warn', /2\.00 on 2/, /top/, load('2.00')],
    ['unknown', /not told/, '', {}],
  ],
  pressure: [
    ['ok', /hardly wait/, '', pressure('io', '4.99')],
    ['note', 'Programs waited for the disk in 5 % of the last minute.', /iotop/, pressure('io', '5.00')],
    ['warn', 'Programs waited for memory in 10.5 % of the last minute.', /iotop/, pressure('memory', '10.50')],
    ['warn', /the processor in 60 %/, /top/, pressure('cpu', '60.00')],
    ['unknown', /psi=1/, '', {}],
  ],
  clock_sync: [
    ['ok', 'The clock is synchronised, 0.12 ms off (chrony).', '', chrony('Normal', '0.000123 seconds slow')],
    [
      'ok',
      'The clock is synchronised, 1.23 ms off (timedatectl).',
      '',
      {
        tools: {
          [SHOW]: 'yes\n',
          'timedatectl timesync-status': '       Server: 192.0.2.1\n       Offset: -1.234ms\n',
        },
      },
    ],
    ['ok', 'The clock is synchronised (timesyncd).', '', { files: { 'run/systemd/timesync/synchronized': '' } }],
    ['note', /20\.00 ms off/, /settle/, chrony('Normal', '0.020000 seconds fast')],
    [
      'warn',
      /not synchronised \(chrony\)\. Times between machines are not comparable; on this machine they are\./,
      /set-ntp/,
      chrony('Not synchronised', '0.0 seconds slow'),
    ],
    ['warn', /not synchronised \(timedatectl\)/, /set-ntp/, { tools: { [SHOW]: 'no\n' } }],
    ['unknown', /on this machine they are/, '', {}],
  ],
  clock_date: [
    ['ok', 'The date is 2026-03-04.', '', { date: '2026-03-04T05:06:07Z' }],
    ['fail', /1970-01-01/, /date -s/, { date: '1970-01-01T00:05:00Z' }],
  ],
  free_space: [
    ['ok', '75 GB are free: 2.1 hours at 10 MB/s.', '', { freeBytes: 75n * GB }],
    [
      'ok',
      '75 GB are free: 2.1 hours at 10 MB/s, and 60 minutes are wanted.',
      '',
      { freeBytes: 75n * GB, plan: { durationS: 3600 } },
    ],
    ['warn', /20 GB are free: 32 minutes/, /Free some space/, { freeBytes: 20n * GB }],
    ['warn', /and 2 hours are wanted/, /may be larger/, { freeBytes: 80n * GB, plan: { durationS: 7200 } }],
    ['fail', /6 GB are free: 9 minutes/, /--out/, { freeBytes: 6n * GB }],
    ['fail', /and 3 hours are wanted/, /--out/, { freeBytes: 75n * GB, plan: { durationS: 10_800 } }],
    ['unknown', /does not tell/, '', { freeBytes: null }],
  ],
  file_system: [
    ['ok', 'The file system is ext4.', '', mount('ext4')],
    ['note', /exfat/, /ext4/, mount('exfat')],
    ['note', /squirrelfs, which was never tried/, /ext4/, mount('squirrelfs')],
    ['warn', /tmpfs: what is there is gone at power off/, /--out/, mount('tmpfs')],
    ['warn', /overlay/, /--out/, mount('overlay')],
    ['warn', /nfs4: it waits for the network/, /local disk/, mount('nfs4')],
    ['warn', /cifs/, /local disk/, mount('cifs')],
    ['warn', /fuseblk: a program stands between/, /ext4/, mount('fuseblk')],
    ['warn', /ntfs3/, /ext4/, mount('ntfs3')],
    ['fail', 'The file system is vfat: a file ends at 4 GB, after 7 minutes.', /ext4/, mount('vfat')],
    ['fail', /after 14 minutes/, /ext4/, mount('vfat', 'rw', { plan: { cameras: 2 } })],
    ['unknown', /not told/, '', {}],
  ],
  mount: [
    ['ok', /can be written/, '', mount('ext4')],
    ['note', /`sync`/, /without/, mount('ext4', 'rw,sync')],
    ['fail', /\/data is mounted read-only\.$/, /check the disk/, mount('ext4', 'ro,relatime')],
    ['fail', /cannot write to .* \(EACCES\)/, /--out/, mount('ext4', 'rw', { refused: ['/session'] })],
    ['fail', '/dev/null is no folder.', /--out/, { plan: { out: '/dev/null/x' } }],
    ['unknown', /not told/, '', {}],
  ],
  disk_speed: [
    ['unknown', /--no-disk-test/, '', {}],
    ['unknown', /too little is free/, '', { freeBytes: 100_000_000n, plan: { testsDisk: true } }],
    [
      'unknown',
      /rpicam-vid \(process 900000001\) may be recording/,
      '',
      { files: { 'proc/900000001/cmdline': '/usr/bin/rpicam-vid\0--camera\x000\0' }, plan: { testsDisk: true } },
    ],
    [
      'fail',
      'The disk could not be written (ENOTDIR).',
      /Check the disk/,
      { plan: { testsDisk: true, out: '/dev/null/x' }, freeBytes: null },
    ],
  ],
  disk_errors: [
    ['ok', /no disk errors/, '', dmesg('usb 1-1: new device\nbrcmfmac: error in firmware\n')],
    [
      'warn',
      'The kernel told of disk errors 2 times since the start: "[ 12.3] mmc0: timeout waiting for hardware interrupt.".',
      /Replace the card/,
      dmesg('[ 12.2] blk_update_request: I/O error, dev sda\n[ 12.3] mmc0: timeout waiting for hardware interrupt.\n'),
    ],
    ['warn', /EXT4-fs error/, /Replace/, journal('EXT4-fs error (device sda1): ext4_lookup\n')],
    ['unknown', /not for this user/, '', journal('')],
  ],
  open_files: [
    ['ok', '1024 files may be open.', '', limits('Max open files', '1024')],
    ['warn', '100 files may be open.', /ulimit -n/, limits('Max open files', '100')],
    ['fail', '64 files may be open.', /ulimit -n/, limits('Max open files', '64')],
    ['unknown', /not told/, '', {}],
  ],
  file_size: [
    ['ok', 'A file may have any size.', '', limits('Max file size', 'unlimited')],
    ['warn', 'A file may have 2 GB: 3 minutes of video.', /ulimit -f/, limits('Max file size', '2000000000')],
    ['fail', /100 MB: 10 s/, /ulimit -f/, limits('Max file size', '100000000')],
    ['unknown', /not told/, '', {}],
  ],
  memory: [
    ['ok', '1 GB of memory are left.', '', memory(4_000_000, '2000000000', 1_000_000_000)],
    ['warn', '512 MB of memory are left.', /MemoryMax/, memory(500_000, 'max', 0)],
    ['fail', '100 MB of memory are left.', /MemoryMax/, memory(4_000_000, '300000000', 200_000_000)],
    ['unknown', /not told/, '', {}],
  ],
  logs: [
    ['ok', /logs can be written \(\/logs\)/, '', {}],
    ['warn', /cannot be written to \/logs \(EACCES\)/, /--log-dir/, { refused: ['/'] }],
  ],
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

describe('each check', () => {
  it('has rows here', () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(CHECKS.map(({ id }) => id).toSorted());
  });

  const rows = Object.entries(ROWS).flatMap(([id, of]) => of.map(([level, ...rest]) => ({ id, level, row: rest })));
  it.each(rows)('$id says $level ($row.0)', async ({ id, level, row: [sentence, advice, prepared] }) => {
    const { machine, plan } = await prepare(folder.path, prepared);
    const found = await CHECKS.find((check) => check.id === id)?.run(machine, plan, NEVER, () => {});
    expect(found?.level).toBe(level);
    expect(found?.message).toMatch(typeof sentence === 'string' ? new RegExp(`^${escaped(sentence)}$`) : sentence);
    expect(found?.advice).toMatch(typeof advice === 'string' ? new RegExp(`^${escaped(advice)}$`) : advice);
    // Who is told of trouble is told what to do.
    expect(found?.advice === '').toBe(level === 'ok' || level === 'unknown');
    expect(found?.message).toMatch(/^(?:[A-Z0-9/]|picam:).*\.$/);
  });
});

describe('the capture', () => {
  const good: Captured = { index: 0, frames: 91, fps: 30.001, isAscending: true, hasTimestamps: true, error: '' };

  it.each<[Level, RegExp, Partial<Captured>]>([
    ['ok', /picam:0 91 frames at 30\.00 a second, in order/, {}],
    ['warn', /gave 20\.00 frames a second, not 30/, { fps: 20 }],
    ['warn', /no sensor timestamps/, { hasTimestamps: false, fps: 0 }],
    ['fail', /do not ascend/, { isAscending: false }],
    ['fail', /gave no frames/, { frames: 0 }],
    ['fail', /was lost: The cable/, { error: 'The cable.' }],
  ])('is %s: %s', (level, sentence, difference) => {
    const found = judgeCapture([good, { ...good, ...difference, index: difference.index ?? 0 }], 30);
    expect(found.level).toBe(level);
    expect(found.message).toMatch(sentence);
  });
});

describe('the disk test', () => {
  const commits = (...commitsMs: number[]): { bytes: number; commitsMs: number[] } => ({
    bytes: 4e6 * commitsMs.length,
    commitsMs,
  });

  it.each<[Level, RegExp, number[]]>([
    ['ok', /took 40 MB\/s where 10 MB\/s come; the slowest commit 100 ms/, [100, 100]],
    ['warn', /took 16 MB\/s/, [250, 250]],
    ['warn', /slowest commit 1200 ms/, [100, 1200, 100, 100, 100, 100, 100, 100, 100]],
    ['fail', /took 8 MB\/s/, [500, 500]],
  ])('is %s: %s', (level, sentence, commitsMs) => {
    const found = judgeDisk(commits(...commitsMs), 10e6);
    expect(found.level).toBe(level);
    expect(found.message).toMatch(sentence);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
