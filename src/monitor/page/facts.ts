import type { Fact } from '../wording/facts-for.js';
import { make, setText } from './dom.js';

/** A list of figures with their labels. Rows are kept, so that a selection in them survives. */
export function drawFacts(list: HTMLElement, facts: readonly Fact[]): void {
  while (list.children.length > facts.length) list.lastElementChild?.remove();
  while (list.children.length < facts.length) list.append(make('div', {}, [make('dt'), make('dd')]));
  for (const [index, { label, value }] of facts.entries()) {
    const [name, figure] = list.children[index]?.children ?? [];
    if (name !== undefined) setText(name, label);
    if (figure !== undefined) setText(figure, value);
  }
}
