import type { StatusMessage } from '../../protocol/statuses.js';
import { fileName } from '../wording/amounts.js';
import type { CameraStatus } from '../wording/limits.js';
import { make, setHidden, setText } from './dom.js';
import { cameraPath, request } from './requests.js';

/** A camera that is opened anew for its settings may take its time. */
const LIMIT_MS = 30_000;

interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: string;
  readonly words?: readonly string[];
}

/** Names, units and ranges as in the configuration. */
const FIELDS: readonly Field[] = [
  { name: 'exposureTimeUs', label: 'Exposure time', hint: 'µs', min: 1, max: 200_000_000, step: '1' },
  { name: 'gain', label: 'Gain', hint: 'factor', min: 1, max: 256, step: 'any' },
  {
    name: 'lensPositionDioptres',
    label: 'Focus',
    hint: 'dioptres: 2 is 0.5 m, 0 is far',
    min: 0,
    max: 32,
    step: 'any',
  },
  {
    name: 'whiteBalance',
    label: 'White balance',
    hint: 'the light',
    words: ['auto', 'incandescent', 'tungsten', 'fluorescent', 'indoor', 'daylight', 'cloudy', 'custom'],
  },
  { name: 'colourGains', label: 'Colour gains', hint: 'red,blue such as 1.8,1.5' },
];

type Values = Record<string, number | string | readonly number[] | null>;

/** Changes settings and takes snapshots, where the recorder allows it. It never starts or stops a recording. */
export class ControlForm {
  readonly element = make('form', { class: 'control', attributes: { hidden: '' } });
  readonly #inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #settings = make('fieldset');
  readonly #snapshot = make('button', { text: 'Take snapshot', attributes: { type: 'button' } });
  readonly #why = make('p', { class: 'why' });
  readonly #outcome = make('p', { class: 'outcome', attributes: { role: 'status' } });
  #isBusy = false;

  constructor(
    private readonly deviceId: string,
    private readonly onRefused: () => void,
  ) {
    const fix = make('button', { text: 'Fix what automatic found', attributes: { type: 'button' } });
    const rows = FIELDS.map((field) => this.#row(field));
    const set = make('button', { text: 'Set', attributes: { type: 'submit' } });
    this.#settings.append(make('legend', { text: 'Settings' }), ...rows, make('div', { class: 'tools' }, [set, fix]));
    this.element.noValidate = false;
    this.element.append(this.#why, this.#settings, this.#snapshot, this.#outcome);
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#set();
    });
    fix.addEventListener('click', () => void this.#command('fix', {}));
    this.#snapshot.addEventListener('click', () => void this.#command('snapshot', {}));
  }

  draw({ state, given, pending_trial_number: pending }: CameraStatus, isShown: boolean, isUnknown: boolean): void {
    setHidden(this.element, !isShown);
    const why = whyNot(state === 'recording' || pending !== null, isUnknown);
    setText(this.#why, why);
    setHidden(this.#why, why === '');
    this.#settings.disabled = why !== '' || this.#isBusy;
    this.#snapshot.disabled = isUnknown || this.#isBusy || given === null;
    const now: Readonly<Record<string, number | null | undefined>> = {
      exposureTimeUs: given?.exposure_time_us,
      gain: given?.gain,
    };
    for (const [name, input] of this.#inputs) {
      const value = now[name] ?? null;
      if (input instanceof HTMLInputElement) input.placeholder = value === null ? 'as it is' : `now ${value}`;
    }
  }

  #row({ name, label, hint, min, max, step, words }: Field): HTMLElement {
    const input = words === undefined ? make('input') : choice(words);
    if (input instanceof HTMLInputElement) {
      input.type = step === undefined ? 'text' : 'number';
      if (step !== undefined) Object.assign(input, { min: String(min), max: String(max), step });
      else input.pattern = String.raw`\s*[\d.]+\s*,\s*[\d.]+\s*`;
    }
    input.name = name;
    this.#inputs.set(name, input);
    const back = make('button', { class: 'plain', text: 'Take back', attributes: { type: 'button' } });
    back.title = `${label}: the configuration applies again, or automatic.`;
    back.setAttribute('aria-label', `Take back ${label}`);
    back.addEventListener('click', () => void this.#command('settings', { settings: { [name]: null } }));
    const text = make('span', { text: label }, [make('small', { text: ` ${hint}` })]);
    return make('div', { class: 'row' }, [make('label', {}, [text, input]), back]);
  }

  #set(): void {
    const settings: Values = {};
    for (const [name, { value }] of this.#inputs) {
      if (value.trim() !== '') settings[name] = valueOf(name, value.trim());
    }
    if (Object.keys(settings).length === 0) return setText(this.#outcome, 'Nothing to set: all fields are empty.');
    void this.#command('settings', { settings });
  }

  async #command(what: 'settings' | 'fix' | 'snapshot', body: object): Promise<void> {
    this.#isBusy = true;
    setText(this.#outcome, 'Asked the recorder …');
    try {
      const path = cameraPath(this.deviceId, what);
      const { outcome, isDone, isRefused } = await request({ path, limitMs: LIMIT_MS, body }, readOutcome);
      setText(this.#outcome, outcome);
      if (isRefused) this.onRefused();
      if (isDone && what === 'settings') this.element.reset();
    } catch {
      setText(this.#outcome, 'The recorder did not answer. Whether it was done is unknown.');
    } finally {
      this.#isBusy = false;
    }
  }
}

function whyNot(isRecording: boolean, isUnknown: boolean): string {
  if (isUnknown) return 'No settings now: the recorder gives no news.';
  return isRecording ? 'Settings cannot change while the camera records. Snapshots can be taken.' : '';
}

function choice(words: readonly string[]): HTMLSelectElement {
  const none = make('option', { text: 'as it is', attributes: { value: '' } });
  return make('select', {}, [none, ...words.map((word) => make('option', { text: word }))]);
}

function valueOf(name: string, text: string): number | string | readonly number[] {
  if (name === 'whiteBalance') return text;
  return name === 'colourGains' ? text.split(',').map(Number) : Number(text);
}

interface Outcome {
  readonly outcome: string;
  readonly isDone: boolean;
  readonly isRefused: boolean;
}

async function readOutcome(answer: Response): Promise<Outcome> {
  if (answer.status === 401) {
    return { outcome: 'The recorder wants the token for this.', isDone: false, isRefused: true };
  }
  if (answer.status !== 200 && answer.status !== 409) {
    const { error } = (await answer.json()) as { readonly error: string };
    return { outcome: `Answer ${answer.status}: ${error}`, isDone: false, isRefused: false };
  }
  const message = (await answer.json()) as StatusMessage;
  return { outcome: inWords(message), isDone: answer.status === 200, isRefused: false };
}

function inWords(message: StatusMessage): string {
  const { status, data } = message;
  if (status === 'snapshot_taken') return `Snapshot taken: ${fileName(data.path)}.`;
  // Not "kept": that is a promise of the disk. A disk that breaks it is among the events (settings_not_kept).
  if (status === 'settings_changed') {
    return data.given === null ? 'The camera gets these settings when it opens.' : 'Settings changed.';
  }
  if (status === 'command_nack' && data.code === 'no_session_dir') return 'Not done. The host has no session yet.';
  if ('error' in data && typeof data.error === 'string') return `Not done. ${data.error}`;
  return `Answer of the recorder: ${status}.`;
}
