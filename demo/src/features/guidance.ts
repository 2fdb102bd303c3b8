import type { QualityFault, QualityReport } from 'bauta/features';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import type { MessageKey } from '../messages/en.ts';

/** Sentences stand at least this long: they are read, and read out. */
const CALM_MS = 900;
/** One thing at a time, and what comes next. */
const MOST = 2;

/** What would make the next view of the face a better one, in sentences. */
export class Guidance {
  readonly #language: Language;
  readonly #list = part('guidance-list', HTMLUListElement);
  #shown: string | null = null;
  #shownAt = -Infinity;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(language: Language) {
    this.#language = language;
  }

  show(report: QualityReport): void {
    clearTimeout(this.#later);
    const wait = this.#shownAt + CALM_MS - performance.now();
    if (wait > 0) this.#later = setTimeout(() => { this.#write(report); }, wait);
    else this.#write(report);
  }

  clear(): void {
    clearTimeout(this.#later);
    this.#shown = null;
    this.#shownAt = -Infinity;
    this.#list.replaceChildren();
  }

  #write({ faults }: QualityReport): void {
    const lines = faults.length === 0 ? [this.#language.text('fGood')] : faults.slice(0, MOST).map((fault) => faultText(this.#language, fault));
    const text = lines.join('\n');
    if (text === this.#shown) return;
    this.#shown = text;
    this.#shownAt = performance.now();
    this.#list.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement('li');
        item.textContent = line;
        return item;
      }),
    );
  }
}

/** "Come closer: 40 of 48 pixels." */
export function faultText(language: Language, { check, value, limit, unit, wanted }: QualityFault): string {
  const key: MessageKey = check === 'exposure' ? `quality_exposure_${wanted}` : `quality_${check}`;
  const inPercent = check === 'frame';
  const digits = unit === 'share' && !inPercent ? 2 : 0;
  const say = (number: number): string => language.number(inPercent ? number * 100 : number, digits);
  return language.text(key, { value: say(value), limit: say(limit) });
}
