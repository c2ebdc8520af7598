import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { CameraPipeline, PipelineFactory } from '../../pipeline/camera-pipeline.js';
import { PreviewListening, type PreviewListener } from './preview-listening.js';

/**
 * Who looks at which camera. It brings the ports of readers to the cameras' pipelines, which come and go with the
 * assignments. Pictures go from the camera's thread to the reader's; they never pass through here.
 */
export class Previews {
  /** The pipelines of the assigned cameras by device id. */
  readonly #pipelines = new Map<string, CameraPipeline>();
  /** Ports that wait for their camera to be assigned, with its device id. */
  readonly #waiting = new Map<MessagePort, string>();
  readonly #listenings = new Set<PreviewListening>();

  constructor(
    private readonly clock: Clock,
    private readonly logs: LogSink,
  ) {}

  /** The same factory. Each pipeline that it makes gets the ports for its device until it is told to end. */
  seeing(factory: PipelineFactory): PipelineFactory {
    return (options, onEvent) => {
      const { deviceId } = options;
      const pipeline = factory(options, onEvent);
      this.#pipelines.set(deviceId, pipeline);
      for (const [port, wanted] of this.#waiting) {
        if (wanted !== deviceId) continue;
        this.#waiting.delete(port);
        pipeline.connectPreview(port);
      }
      return {
        send: (command) => {
          pipeline.send(command);
        },
        connectPreview: (port) => {
          pipeline.connectPreview(port);
        },
        end: (untilNs) => {
          if (this.#pipelines.get(deviceId) === pipeline) this.#pipelines.delete(deviceId);
          return pipeline.end(untilNs);
        },
      };
    };
  }

  /**
   * Brings a reader's port to the camera, or keeps it until that is assigned. It is closed when the assignment ends or the
   * camera's thread dies; the reader may then connect a new one.
   */
  connect(deviceId: string, port: MessagePort): void {
    const pipeline = this.#pipelines.get(deviceId);
    if (pipeline !== undefined) {
      pipeline.connectPreview(port);
      return;
    }
    this.#waiting.set(port, deviceId);
    port.once('close', () => {
      this.#waiting.delete(port);
    });
  }

  /** Shows the camera to the listener, picture by picture, until the returned function is called, or `end`. */
  show(deviceId: string, listener: PreviewListener): () => void {
    const { clock, logs } = this;
    const listening = new PreviewListening({
      deviceId,
      listener,
      clock,
      logs,
      connect: (port) => {
        this.connect(deviceId, port);
      },
    });
    this.#listenings.add(listening);
    listening.open();
    return () => {
      listening.end();
      this.#listenings.delete(listening);
    };
  }

  /** Ends all listeners and closes the ports that wait. */
  end(): void {
    for (const listening of this.#listenings) listening.end();
    this.#listenings.clear();
    for (const port of this.#waiting.keys()) port.close();
    this.#waiting.clear();
  }
}
