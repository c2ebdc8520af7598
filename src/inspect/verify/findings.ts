import type { CheckId, Finding } from '../verdict.js';
import { grouped } from '../figures-as-text.js';

/** Findings of one check and kind that are told one by one. */
const MOST_OF_A_KIND = 3;

/** What was found in a recording so far: few of each kind are kept, the others are counted. */
export class Findings {
  readonly #byKind = new Map<string, { readonly first: Finding[]; more: number }>();
  readonly #checked = new Set<CheckId>();

  /** The check is made, whatever it finds. */
  check(...ids: readonly CheckId[]): void {
    for (const id of ids) this.#checked.add(id);
  }

  /** A note says nothing of whether the check was made. */
  add(id: CheckId, kind: Finding['kind'], message: string, frame: number | null = null): void {
    if (kind !== 'note') this.#checked.add(id);
    const key = `${id} ${kind}`;
    const known = this.#byKind.get(key);
    if (known === undefined) this.#byKind.set(key, { first: [{ id, kind, frame, message }], more: 0 });
    else if (known.first.length < MOST_OF_A_KIND) known.first.push({ id, kind, frame, message });
    else known.more += 1;
  }

  fail(id: CheckId, message: string, frame: number | null = null): void {
    this.add(id, 'failed', message, frame);
  }

  note(id: CheckId, message: string, frame: number | null = null): void {
    this.add(id, 'note', message, frame);
  }

  lose(id: CheckId, message: string, frame: number | null = null): void {
    this.add(id, 'lost', message, frame);
  }

  /** Those of somebody else, as they are. */
  take(findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (finding.kind !== 'note') this.#checked.add(finding.id);
      const key = `${finding.id} ${finding.kind}`;
      const known = this.#byKind.get(key);
      if (known === undefined) this.#byKind.set(key, { first: [finding], more: 0 });
      else known.first.push(finding);
    }
  }

  hasFailed(...ids: readonly CheckId[]): boolean {
    return ids.some((id) => this.#byKind.has(`${id} failed`));
  }

  has(kind: Finding['kind']): boolean {
    return [...this.#byKind.keys()].some((key) => key.endsWith(` ${kind}`));
  }

  get checked(): readonly CheckId[] {
    return [...this.#checked].sort(byNumber);
  }

  /** By check; failures first. */
  all(): readonly Finding[] {
    const kinds: readonly Finding['kind'][] = ['failed', 'lost', 'note'];
    const found = [...this.#byKind.values()].flatMap(({ first, more }) => {
      const [example] = first;
      if (more === 0 || example === undefined) return first;
      return [...first, { ...example, frame: null, message: `and ${grouped(more)} more like these` }];
    });
    return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || byNumber(a.id, b.id));
  }
}

function byNumber(a: CheckId, b: CheckId): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}
