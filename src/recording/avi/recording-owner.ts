import { readFile, stat } from 'node:fs/promises';
import { bootId, isAlive, processState } from '../../core/process-identity.js';
import { OWNER_BYTES } from './avi-layout.js';
import { fnv1a } from './fnv.js';

/**
 * State of the process that a file names as its writer. `unknown`: this cannot be decided here, so the file is
 * not touched.
 */
export type OwnerState = 'closed' | 'alive' | 'gone' | 'unknown';

/**
 * Marks the writer of a video: 16 bytes in its header block. By the mark, the next start finds files left
 * open by a crash.
 */
export interface RecordingOwners {
  /** The mark of this process, or zeros if the system does not identify it. */
  readonly self: () => Promise<Uint8Array>;
  readonly stateOf: (mark: Uint8Array) => Promise<OwnerState>;
}

const PID_AT = 0;
const START_AT = 4;
const MACHINE_AT = 8;
const BOOT_AT = 12;
const NAMESPACE_AT = 14;

/** The machine's id: systemd's, or the board's serial number, which containers see too. */
const MACHINE_FILES = ['/etc/machine-id', '/sys/firmware/devicetree/base/serial-number'];

/**
 * Marks made from pid, start time, machine, boot and process namespace. Little-endian: u32 pid, u32 start time
 * (clock ticks since boot), u32 machine, u16 boot, u16 namespace. The last three are hashes. A file on a shared
 * disk may belong to another machine, and a process in another namespace (a container) may be alive but invisible
 * here. Both are `unknown`.
 */
export class ProcessOwners implements RecordingOwners {
  #self: Promise<Uint8Array> | undefined;

  self(): Promise<Uint8Array> {
    this.#self ??= makeMark();
    return this.#self;
  }

  async stateOf(mark: Uint8Array): Promise<OwnerState> {
    if (mark.every((byte) => byte === 0)) return 'closed';
    const [its, own] = [asBuffer(mark), asBuffer(await this.self())];
    const machine = own.readUInt32LE(MACHINE_AT);
    if (machine === 0 || its.readUInt32LE(MACHINE_AT) !== machine) return 'unknown';
    if (its.readUInt16LE(BOOT_AT) !== own.readUInt16LE(BOOT_AT)) return 'gone';
    if (its.readUInt16LE(NAMESPACE_AT) !== own.readUInt16LE(NAMESPACE_AT)) return 'unknown';
    const startTime = String(its.readUInt32LE(START_AT));
    return (await isAlive({ pid: its.readUInt32LE(PID_AT), startTime })) ? 'alive' : 'gone';
  }
}

async function makeMark(): Promise<Uint8Array> {
  const mark = Buffer.alloc(OWNER_BYTES);
  const self = await processState(process.pid);
  if (self === undefined) return mark;
  mark.writeUInt32LE(self.pid, PID_AT);
  mark.writeUInt32LE(Number(self.startTime) % 2 ** 32, START_AT);
  mark.writeUInt32LE(hash(await machineId()), MACHINE_AT);
  mark.writeUInt16LE(hash(await bootId()) & 0xffff, BOOT_AT);
  mark.writeUInt16LE(hash(await processNamespace()) & 0xffff, NAMESPACE_AT);
  return mark;
}

/** The machine's id, or '' if there is none. */
async function machineId(): Promise<string> {
  for (const path of MACHINE_FILES) {
    const text = await readFile(path, 'latin1').catch(() => ''); // not every system has it
    if (text.trim() !== '') return text.trim();
  }
  return '';
}

async function processNamespace(): Promise<string> {
  const found = await stat('/proc/self/ns/pid').catch(() => undefined); // a kernel without namespaces has only one
  return String(found?.ino ?? '');
}

/** Returns 0 for '', which means that the system does not report the value. */
function hash(text: string): number {
  return text === '' ? 0 : fnv1a(Buffer.from(text));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
