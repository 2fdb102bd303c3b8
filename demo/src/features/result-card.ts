import { COMPARISON_THRESHOLD, type Candidate, type Verification } from 'bauta/features';
import { part } from '../dom.ts';
import type { Fillings, Language } from '../language.ts';
import type { MessageKey } from '../messages/en.ts';

/** Strangers are at about one half, so that is where the bar begins. */
const SCALE_FROM = 0.5;

/** A line of {@link ResultCard}: somebody, and how alike. */
export interface ScoredPerson {
  /** Null where it goes without saying. */
  readonly name: (() => string) | null;
  readonly score: number;
  readonly match: boolean;
}

/** What came of the last thing that was asked for. */
export class ResultCard {
  readonly #language: Language;
  readonly #card = part('result', HTMLElement);
  readonly #title = part('result-title', HTMLElement);
  readonly #text = part('result-text', HTMLElement);
  readonly #scores = part('scores', HTMLOListElement);
  readonly #far = part('result-far', HTMLElement);
  #draw: (() => void) | null = null;

  constructor(language: Language) {
    this.#language = language;
    language.follow(() => { this.#draw?.(); });
  }

  clear(): void {
    this.#card.hidden = true;
    this.#draw = null;
    this.#scores.replaceChildren();
    for (const element of [this.#title, this.#text, this.#far]) this.#language.write(element, null);
  }

  show(tone: 'good' | 'bad' | 'plain', title: MessageKey, text: MessageKey | null, fillings: Fillings = {}): void {
    this.clear();
    this.#card.dataset['tone'] = tone;
    this.#language.write(this.#title, title);
    this.#language.write(this.#text, text, fillings);
    this.#card.hidden = false;
  }

  showVerification({ match, score, threshold }: Verification): void {
    this.show(match ? 'good' : 'plain', match ? 'fResultMatch' : 'fResultNoMatch', match ? 'fResultMatchText' : 'fResultNoMatchText');
    this.#showScores([{ name: null, score, match }], threshold);
  }

  showCandidates(candidates: readonly Candidate[], nameOf: (dataSubject: string) => string): void {
    const somebody = candidates.length > 0;
    this.show(candidates.some(({ match }) => match) ? 'good' : 'plain', 'fResultWho', somebody ? null : 'fResultNobody');
    if (somebody) this.#showScores(candidates.map(({ dataSubject, score, match }) => ({ name: () => nameOf(dataSubject), score, match })), COMPARISON_THRESHOLD.score);
  }

  #showScores(people: readonly ScoredPerson[], threshold: number): void {
    this.#draw = () => { this.#scores.replaceChildren(...people.map((person) => this.#row(person, threshold))); };
    this.#draw();
    this.#language.write(this.#far, 'fFar', { rate: () => this.#language.number(COMPARISON_THRESHOLD.falseAcceptRate * 100, 1) });
  }

  #row({ name, score, match }: ScoredPerson, threshold: number): HTMLElement {
    const language = this.#language;
    const row = document.createElement('li');
    row.dataset['match'] = String(match);
    if (name !== null) row.append(textOf('b', `${name()} · ${language.text(match ? 'fCandidateMatch' : 'fCandidateNoMatch')}`));
    const track = document.createElement('span');
    track.className = 'stage-track';
    track.setAttribute('aria-hidden', 'true'); // The words below say the same.
    const fill = document.createElement('span');
    fill.className = 'stage-fill';
    fill.style.inlineSize = share(score);
    track.append(fill);
    const mark = document.createElement('span');
    mark.className = 'stage-mark';
    mark.style.insetInlineStart = share(threshold);
    track.append(mark);
    const words = document.createElement('span');
    words.className = 'score-words';
    words.append(textOf('span', language.text('fScore', { score: language.number(score, 3) })), textOf('span', language.text('fThreshold', { threshold: language.number(threshold, 3) })));
    row.append(track, words);
    return row;
  }
}

function textOf(tag: 'b' | 'span', text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function share(score: number): string {
  return `${(Math.max(0, Math.min(1, (score - SCALE_FROM) / (1 - SCALE_FROM))) * 100).toFixed(1)}%`;
}
