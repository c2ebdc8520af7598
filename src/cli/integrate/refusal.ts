/** Why it cannot be done: a sentence for a person, with what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
