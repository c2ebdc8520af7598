import type { Clock } from '../../core/clock.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import type { ControlCommand, ServerOptions } from '../monitor-words.js';
import type { MonitorSnapshot } from '../view.js';
import { answerOfCommand, controlCommand } from './control.js';
import type { MonitorRequest } from './exchange.js';
import type { PictureSource } from './frame-desk.js';
import type { PageFiles } from './page-files.js';
import { refusalOf, type GuardRules } from './request-guard.js';
import type { RequestHead } from './request-head.js';
import { emptyAnswer, refusal, textAnswer, type Answer } from './response-headers.js';
import { routeOf, type Route } from './routes.js';
import type { ServerTraffic } from './traffic.js';

/** A page that asks for a picture is answered after this time at the latest, ms. */
const PICTURE_LIMIT_MS = 400;
/** A status older than this is no news any more, ms: metrics and health say so. */
const OLD_STATUS_MS = 15_000;
/** As long as a snapshot lasts. */
const METRICS_KEPT_MS = 500;

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const NO_STATUS = 'The recorder has told nothing yet.';

export interface AnswerDependencies {
  readonly options: ServerOptions;
  readonly rules: GuardRules;
  readonly files: PageFiles;
  readonly clock: Clock;
  readonly snapshot: () => MonitorSnapshot | null;
  readonly frames: PictureSource;
  readonly command: (command: ControlCommand) => Promise<StatusMessage>;
  readonly expose: (snapshot: MonitorSnapshot, traffic: ServerTraffic, ageMs: number) => string | Promise<string>;
  readonly traffic: () => ServerTraffic;
  readonly onPicture: (bytes: number) => void;
}

/** What is answered to a request. */
export function answerTo(dependencies: AnswerDependencies): (request: MonitorRequest) => Promise<Answer> {
  const { options, rules, files } = dependencies;
  const dataOf = new DataAnswers(dependencies);
  return async (request) => {
    const { head } = request;
    const route = routeOf(head.path, options.hasControl, (path) => files.has(path));
    const refused = refusalOf(head, route, rules);
    if (refused !== null) return refusal(refused.status, refused.error, refused.headers);
    if (route === null) throw new Error('A request for nothing was let through.');
    return dataOf.answer(route, request);
  };
}

class DataAnswers {
  /** The last metrics, for all who ask at that time. They say less of a snapshot as it grows old, so they are not kept with it. */
  #metrics: { readonly madeNs: bigint; readonly text: string | Promise<string> } | null = null;
  /** The view as JSON, without its last brace. */
  #view: { readonly of: MonitorSnapshot; readonly json: string } | null = null;

  constructor(private readonly dependencies: AnswerDependencies) {}

  async answer(route: Route, request: MonitorRequest): Promise<Answer> {
    switch (route.kind) {
      case 'file':
        return this.#file(route.path);
      case 'status':
        return this.#status();
      case 'metrics':
        return this.#exposition();
      case 'healthz':
        return this.#health();
      case 'frame':
        return this.#picture(route.deviceId, request.head);
      case 'control':
        return this.#control(route, request);
    }
  }

  #file(path: string): Answer {
    const file = this.dependencies.files.get(path);
    if (file === undefined) throw new Error('A file that is not there was let through.');
    // After an update of the program, the page must be the new one.
    return { status: 200, headers: { 'Content-Type': file.type, 'Cache-Control': 'no-cache' }, body: file.bytes };
  }

  #status(): Answer {
    const snapshot = this.dependencies.snapshot();
    if (snapshot === null) return refusal(503, NO_STATUS);
    if (this.#view?.of !== snapshot) this.#view = { of: snapshot, json: JSON.stringify(snapshot.view).slice(0, -1) };
    const control = this.dependencies.options.hasControl;
    const json = `${this.#view.json},"status_age_ms":${this.#ageMs(snapshot)},"control":${control}}`;
    return textAnswer(200, JSON_TYPE, json);
  }

  async #exposition(): Promise<Answer> {
    const { snapshot: latest, traffic, expose, clock } = this.dependencies;
    const snapshot = latest();
    const trouble = this.#trouble(snapshot);
    if (snapshot === null || trouble !== null) return textAnswer(503, TEXT_TYPE, `${trouble ?? NO_STATUS}\n`);
    if (this.#metrics === null || this.#msSince(this.#metrics.madeNs) >= METRICS_KEPT_MS) {
      const text = expose(snapshot, traffic(), this.#ageMs(snapshot));
      this.#metrics = { madeNs: clock.monotonicNs(), text };
    }
    return textAnswer(200, METRICS_TYPE, await this.#metrics.text);
  }

  /** For programs that start again what does not answer. A lost camera is not theirs to mend: that is in the metrics. */
  #health(): Answer {
    const snapshot = this.dependencies.snapshot();
    const trouble = this.#trouble(snapshot) ?? (snapshot === null ? NO_STATUS : stateTrouble(snapshot));
    if (trouble !== null) return textAnswer(503, TEXT_TYPE, `${trouble}\n`);
    return textAnswer(200, TEXT_TYPE, 'The recorder is running.\n');
  }

  async #picture(deviceId: string, head: RequestHead): Promise<Answer> {
    const after = head.query.get('after') ?? '0';
    if (!/^\d{1,15}$/.test(after)) return refusal(400, '"after" is the number of a frame.');
    if (!this.#knows(deviceId)) return refusal(404, 'No such camera is assigned.');
    const picture = await this.dependencies.frames.fetch(deviceId, Number(after), PICTURE_LIMIT_MS);
    if (picture.kind === 'nothing') return emptyAnswer(204, { 'X-Preview': picture.why });
    const { bytes, frameNumber, arrivedMonotonicNs } = picture;
    const headers = {
      'Content-Type': 'image/jpeg',
      'Cache-Control': 'no-store',
      'X-Frame-Number': String(frameNumber),
      'X-Frame-Age-Ms': String(this.#msSince(arrivedMonotonicNs)),
    };
    if (head.method === 'GET') this.dependencies.onPicture(bytes.byteLength);
    const release = (): void => {
      picture.release();
    };
    return { status: 200, headers, body: bytes, release };
  }

  async #control(route: Extract<Route, { kind: 'control' }>, request: MonitorRequest): Promise<Answer> {
    const body = await request.readBody();
    if (!Buffer.isBuffer(body)) return body;
    if (!this.#knows(route.deviceId)) return refusal(404, 'No such camera is assigned.');
    const command = controlCommand(route.action, route.deviceId, body);
    if (typeof command === 'string') return refusal(400, command);
    return answerOfCommand(this.dependencies.clock, command, this.dependencies.command);
  }

  /** A device id is compared with those of the cameras. It is never a path. */
  #knows(deviceId: string): boolean {
    return this.dependencies.snapshot()?.view.cameras.some((camera) => camera.device_id === deviceId) ?? false;
  }

  #trouble(snapshot: MonitorSnapshot | null): string | null {
    if (snapshot === null) return NO_STATUS;
    const ageMs = this.#ageMs(snapshot);
    if (ageMs <= OLD_STATUS_MS) return null;
    return `The recorder has told nothing for ${Math.round(ageMs / 1_000)} s.`;
  }

  #ageMs(snapshot: MonitorSnapshot): number {
    return this.#msSince(snapshot.madeNs);
  }

  /** Whole, and never negative: another thread's clock may be read a moment later. */
  #msSince(monotonicNs: bigint): number {
    return Math.max(0, Number((this.dependencies.clock.monotonicNs() - monotonicNs) / 1_000_000n));
  }
}

function stateTrouble({ view }: MonitorSnapshot): string | null {
  if (view.status.state === 'running') return null;
  return view.status.state === 'stopping' ? 'The recorder is shutting down.' : 'The recorder is stopped.';
}
