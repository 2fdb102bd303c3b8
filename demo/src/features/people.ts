import { recall, remember } from '../preferences.ts';

const NAME = 'bauta-demo.people';

/** Who has used the page in this browser: random pseudonyms in the order in which they came, and who is here now. */
export class People {
  readonly #subjects: string[];
  #current: number;

  constructor() {
    const stored = parsed(recall(NAME));
    this.#subjects = stored.subjects.length === 0 ? [crypto.randomUUID()] : stored.subjects;
    this.#current = Math.min(stored.current, this.#subjects.length - 1);
    this.#remember();
  }

  get current(): string {
    return this.#subjects[this.#current]!;
  }

  get all(): readonly string[] {
    return [...this.#subjects];
  }

  get count(): number {
    return this.#subjects.length;
  }

  /** 1, 2, 3 …; 0 for nobody of this browser. */
  numberOf(dataSubject: string): number {
    return this.#subjects.indexOf(dataSubject) + 1;
  }

  /** Somebody else is here: the page has to be opened anew. */
  choose(number: number): void {
    this.#current = Math.max(0, Math.min(number - 1, this.#subjects.length - 1));
    this.#remember();
  }

  /** Somebody new is here. */
  add(): void {
    this.#subjects.push(crypto.randomUUID());
    this.choose(this.#subjects.length);
  }

  /** They are known by another number from now on. */
  forget(dataSubject: string): void {
    const at = this.#subjects.indexOf(dataSubject);
    if (at >= 0) this.#subjects[at] = crypto.randomUUID();
    this.#remember();
  }

  #remember(): void {
    remember(NAME, JSON.stringify({ subjects: this.#subjects, current: this.#current }));
  }
}

function parsed(text: string | null): { readonly subjects: string[]; readonly current: number } {
  const nobody = { subjects: [], current: 0 };
  if (text === null) return nobody;
  try {
    const { subjects, current } = JSON.parse(text) as { subjects?: unknown; current?: unknown };
    const valid = Array.isArray(subjects) && subjects.every((subject) => typeof subject === 'string') && Number.isInteger(current) && Number(current) >= 0;
    return valid ? { subjects, current: Number(current) } : nobody;
  } catch (error) {
    if (error instanceof SyntaxError) return nobody; // Edited by hand: everybody begins anew.
    throw error;
  }
}
