import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileDiskSpace } from '../../src/core/disk-space.js';
import { errorWithAdvice, type ErrorCode } from '../../src/core/errors.js';
import { createCsiCamerasModule } from '../../src/module/container.js';
import type { CsiCamerasModule } from '../../src/module/csi-cameras-module.js';
import type { CameraPipeline, PipelineFactory } from '../../src/pipeline/camera-pipeline.js';
import { LocalPipeline } from '../../src/pipeline/local-pipeline.js';
import type { CommandLogLine } from '../../src/logging/log-sink.js';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { ProcessOwners } from '../../src/recording/avi/recording-owner.js';
import { FileRecordingSession } from '../../src/recording/file-recording-session.js';
import { SnapshotFiles } from '../../src/recording/snapshot-file.js';
import { FORGETFUL_DISK } from '../harness/forgetful-disk.js';
import { FakeCameraSource, type FakeCameraStream } from '../harness/fake-camera-source.js';
import { FakeLoadSignals } from '../harness/fake-load-signals.js';
import { FaultyFileSystem, type Injection } from '../harness/faulty-file-system.js';
import { ManualClock, settled } from '../harness/manual-clock.js';
import { MemoryLogSink } from '../harness/memory-log-sink.js';
import { StatusLog } from '../harness/mock-host.js';
import { expectDamage, removeHeld } from '../harness/recordings-held.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { acrossThreads } from './across-threads.js';
import { BusyFileSystem } from './busy-file-system.js';

/** A command that was sent, and what came of it. */
export interface Sent {
  readonly id: string;
  readonly command: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Which start of the module it came after, from 1. */
  readonly life: number;
  /** Whether the module ran when it was sent: else nobody but the caller hears of it. */
  readonly wasRunning: boolean;
  answer: StatusMessage | undefined;
}

/** Turns (of 50 ms) that an answer may take: the longest limit in the module is some ten seconds. */
const MAX_TURNS = 600;
const TURN_MS = 50;
/** By then every wait has come to its limit. */
const LIMITS_MS = 15_000;

/** 30 frames a second. */
const PERIOD_NS = 33_333_333n;

/** Names that a recording would like to have, taken by somebody else. */
const DECOYS = [1, 2].flatMap((session) =>
  ['.avi', '_timing.csv'].map(
    (ending) => `session_${session}/CSICameras/Left_picam_0/${session}_CSI_trial001_Left_picam_0${ending}`,
  ),
);

/** Logs that tell when a command came, began and ended. */
export class TimedLogSink extends MemoryLogSink {
  /** Of each line in `commands`: when it was written, monotonic clock. */
  readonly timesNs: bigint[] = [];

  constructor(private readonly clock: ManualClock) {
    super();
  }

  override command(line: CommandLogLine): void {
    super.command(line);
    this.timesNs.push(this.clock.monotonicNs());
  }
}

/** The whole module over real files and a disk that can be made to fail; cameras and time are the test's. */
export class SequenceRig {
  readonly source = new FakeCameraSource();
  readonly clock = new ManualClock();
  readonly logs = new TimedLogSink(this.clock);
  readonly heard = new StatusLog();
  readonly sent: Sent[] = [];
  readonly disk = new FaultyFileSystem();
  readonly busy = new BusyFileSystem(this.disk.fileSystem);
  readonly decoys: readonly string[];
  #isRunning = false;
  #lives = 0;
  /** Streams that were lost: nothing comes from them any more. */
  readonly #lost = new Set<FakeCameraStream>();
  /** The time of each stream's last frame. */
  readonly #lastNs = new Map<FakeCameraStream, bigint>();
  #diskFault: Injection | undefined;
  readonly #module: CsiCamerasModule;

  private constructor(
    readonly folder: string,
    private readonly remove: () => Promise<void>,
    private readonly config: object,
  ) {
    this.decoys = DECOYS.map((name) => join(folder, name));
    this.#module = createCsiCamerasModule({
      pipelineFactory: acrossThreads((options, onEvent) => this.#pipeline(options, onEvent)),
      clock: this.clock,
      logSink: this.logs,
      loadSignals: new FakeLoadSignals(),
      fileSystem: FORGETFUL_DISK, // of the module itself; the pipelines have another one
    });
    this.source.onOpen = (stream) => {
      stream.giveFormat();
    };
  }

  /** With the module started. `recording`: that section of the configuration, over one that leaves the disk's free space alone. */
  static async start(recording: object = {}): Promise<SequenceRig> {
    const { path, remove } = await temporaryFolder();
    expectDamage(path, 'files that are not ours bear the names of recordings, and frames are no pictures', [
      'V1',
      'V9',
      'V12',
    ]);
    const rig = new SequenceRig(path, remove, {
      recording: { minFreeBytes: 0, ...recording },
      reconnect: { maxDelayMs: 8_000 },
      buffer: { maxFrames: 30 },
    });
    for (const decoy of rig.decoys) {
      await mkdir(dirname(decoy), { recursive: true });
      await writeFile(decoy, 'not ours');
    }
    await rig.startModule();
    return rig;
  }

  #pipeline(...[options, onEvent]: Parameters<PipelineFactory>): CameraPipeline {
    const { clock, source, busy } = this;
    const { fileSystem } = busy;
    // It reads /proc: unwatched, ten seconds of the clock turned by hand could pass before a busy machine has read it.
    const owners = busy.watched(new ProcessOwners());
    return new LocalPipeline({
      source,
      recordings: new FileRecordingSession({ fileSystem, clock, owners, sync: 'never' }), // no power is cut here, and disks are slow
      disk: new FileDiskSpace(fileSystem),
      snapshotWriter: new SnapshotFiles(fileSystem, clock),
      clock,
      options,
      onEvent,
    });
  }

  /** The present state of each assigned camera. */
  get cameras(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#module.status().cameras.map(({ device_id: id, state }) => [id, state]));
  }

  /** The session directory that a command would record into which arrives now. */
  get session(): string | null {
    return this.#module.status().session_dir;
  }

  async startModule(): Promise<void> {
    this.#lives += 1;
    await this.#module.start({
      dataDir: this.folder,
      logDir: '/logs',
      stateDir: '/state',
      config: this.config,
      sendStatus: (message) => {
        this.heard.hear(message);
      },
    });
    this.#isRunning = true;
  }

  /** The shutdown sequence to its end. */
  async stopModule(): Promise<void> {
    this.#isRunning = false;
    await this.drive(this.#module.stop(), 'stop');
  }

  /** Sends a command, or anything else, and does not wait. */
  send(value: Readonly<Record<string, unknown>>): Sent {
    const command = String(value['command']);
    const id = `${command}_${this.sent.length}`;
    const sent: Sent = {
      id,
      command,
      fields: value,
      life: this.#lives,
      wasRunning: this.#isRunning,
      answer: undefined,
    };
    this.sent.push(sent);
    if (command === 'quit' || command === 'shutdown') this.#isRunning = false;
    void this.#module.command({ command_id: id, ...value }).then((answer) => {
      sent.answer = answer;
    });
    return sent;
  }

  /** Sends a command and lets time and frames pass until it is answered. */
  async ask(value: Readonly<Record<string, unknown>>): Promise<StatusMessage> {
    const sent = this.send(value);
    await this.passUntil(() => sent.answer !== undefined, sent.id);
    if (sent.answer === undefined) throw new Error('It was answered.');
    return sent.answer;
  }

  /** Each camera that streams gives so many frames, all at once. `after`: whether what follows from them is waited for. */
  async frames(count: number, after: 'quiet' | 'at once' = 'quiet'): Promise<void> {
    for (const stream of this.source.streams) {
      if (!stream.isClosed && !this.#lost.has(stream)) this.#giveFrames(stream, count);
    }
    if (after === 'quiet') await this.busy.quiet();
  }

  /** Frames of now, or as soon after the last one as the camera can. */
  #giveFrames(stream: FakeCameraStream, count: number): void {
    for (let given = 0; given < count; given += 1) {
      const nextNs = (this.#lastNs.get(stream) ?? 0n) + PERIOD_NS;
      const nowNs = this.clock.monotonicNs();
      const stampNs = nextNs > nowNs ? nextNs : nowNs;
      this.#lastNs.set(stream, stampNs);
      stream.giveFrame({ sensorTimestampNs: stampNs, arrivedMonotonicNs: stampNs });
    }
  }

  /** What is under way goes on by so many turns of the event loop. */
  async turns(count: number): Promise<void> {
    await settled(count);
  }

  /** Time passes, and frames come. */
  async wait(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += TURN_MS * 5) {
      await this.clock.advance(TURN_MS * 5);
      await this.frames(1);
    }
  }

  /** Time and frames pass until it is so. Throws where it does not come to it. */
  async passUntil(isSo: () => boolean, what: string, maxTurns = MAX_TURNS): Promise<void> {
    await this.busy.quiet();
    for (let turn = 0; !isSo(); turn += 1) {
      if (turn === maxTurns) throw new Error(`${what} has no answer after ${(maxTurns * TURN_MS) / 1000} s.`);
      await this.frames(1);
      if (isSo()) return;
      await this.clock.advance(TURN_MS);
      await this.busy.quiet();
    }
  }

  async drive(work: Promise<unknown>, what: string): Promise<void> {
    let isOver = false;
    const watched = work.then(() => {
      isOver = true;
    });
    await this.passUntil(() => isOver, what);
    await watched;
  }

  /** The cameras with this index, or all, are lost. */
  lose(code: ErrorCode, index?: number): void {
    for (const stream of this.source.streams) {
      const isMeant = index === undefined || stream.request.camera.index === index;
      if (!isMeant || stream.isClosed || this.#lost.has(stream)) continue;
      this.#lost.add(stream);
      stream.lose(errorWithAdvice(code, 'The test took the camera away.'));
    }
  }

  /** Cameras that are opened from now on cannot be (an error), or can be again. */
  refuse(code: ErrorCode | undefined): void {
    this.source.openError = code === undefined ? null : errorWithAdvice(code, 'The test keeps the camera.');
  }

  /** One kind of file operation fails from now on, or none. */
  breakDisk(fault: { readonly operation: 'open' | 'mkdir' | 'writev'; readonly errno: string } | undefined): void {
    this.#diskFault?.end();
    this.#diskFault =
      fault && this.disk.inject({ operation: fault.operation, effect: { kind: 'fail', errno: fault.errno } });
  }

  /** Everything that was sent is answered. */
  async answered(): Promise<void> {
    const isAnswered = (): boolean => this.sent.every(({ answer }) => answer !== undefined);
    const open = this.sent.filter(({ answer }) => answer === undefined).map(({ id }) => id);
    await this.passUntil(isAnswered, `One of ${open.join(', ')}`, (open.length + 1) * MAX_TURNS);
  }

  /** Everything that is still to be answered is, and the module has stopped. */
  async end(): Promise<void> {
    await this.answered();
    await this.stopModule();
    // What still waits for a process that cannot be ended has a limit too.
    await this.clock.advance(LIMITS_MS);
    await this.busy.quiet();
  }

  async tidyUp(): Promise<void> {
    await this.remove();
    await removeHeld(this.folder);
  }
}
