import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { make, makeButton } from './make.ts';
import type { ShownBox, ShownCase } from './shown-case.ts';
import { mediaTime } from './times.ts';

/** The time line: how much was covered, who was to be seen when, and what was covered by hand; a press goes there. */
export class Timeline {
  readonly #language: Language;
  readonly #lanes = part('lanes', HTMLElement);
  readonly #onSeek: (timeUs: number) => void;
  #heads: HTMLElement[] = [];
  #case: ShownCase | null = null;
  #boxes: readonly ShownBox[] = [];
  #timeUs = 0;

  constructor(language: Language, onSeek: (timeUs: number) => void) {
    this.#language = language;
    this.#onSeek = onSeek;
    language.follow(() => { this.#draw(); });
  }

  show(shown: ShownCase | null): void {
    this.#case = shown;
    this.#draw();
  }

  set boxes(boxes: readonly ShownBox[]) {
    this.#boxes = boxes;
    this.#draw();
  }

  at(timeUs: number): void {
    this.#timeUs = timeUs;
    for (const head of this.#heads) head.style.insetInlineStart = this.#share(timeUs);
  }

  #draw(): void {
    this.#heads = [];
    if (this.#case === null) {
      this.#lanes.replaceChildren();
      return;
    }
    const { covers, tracks } = this.#case.timeline;
    const language = this.#language;
    const most = Math.max(1, ...covers.map(({ regions, frames }) => regions / Math.max(1, frames)));
    const covered = covers.flatMap(({ second, regions, frames, wholeFrames }) => {
      const bar = (kind: string, share: number): HTMLElement => {
        const span = this.#span(second * 1e6, (second + 1) * 1e6, kind);
        span.style.blockSize = `${(share * 100).toFixed(1)}%`;
        return span;
      };
      const whole = wholeFrames / Math.max(1, frames);
      return [...(regions > 0 ? [bar('regions', regions / Math.max(1, frames) / most)] : []), ...(whole > 0 ? [bar('whole', Math.max(0.15, whole))] : [])];
    });
    const lanes = [this.#lane(make('span', { class: 'lane-name', text: language.text('vCovers') }), 'covers', covered)];
    if (this.#boxes.length > 0) {
      const drawn = this.#boxes.map(({ fromUs, untilUs }) => this.#span(fromUs, untilUs, 'box'));
      lanes.push(this.#lane(make('span', { class: 'lane-name', text: language.text('vBoxes') }), 'boxes', drawn));
    }
    const people: HTMLElement[] = [];
    // Those that can be asked for come first; the others in the order in which they came.
    for (const { trackId, spans, sealed } of [...tracks.filter((track) => track.sealed), ...tracks.filter((track) => !track.sealed)]) {
      const name = language.text('vTrack', { track: trackId });
      const [first] = spans;
      const go = makeButton(sealed ? `${name} · ${language.text('vSealed')}` : name, () => { this.#onSeek(first?.fromUs ?? 0); }, '');
      const seen = spans.map(({ fromUs, untilUs }) => `${mediaTime(fromUs)}–${mediaTime(untilUs)}`).join(', ');
      go.setAttribute('aria-label', language.text(sealed ? 'vTrackSealedLabel' : 'vTrackLabel', { track: trackId, seen }));
      people.push(this.#lane(go, 'track', spans.map(({ fromUs, untilUs }) => this.#span(fromUs, untilUs, sealed ? 'sealed' : 'track'))));
    }
    this.#lanes.replaceChildren(...lanes, make('div', { class: 'people' }, ...people));
    this.at(this.#timeUs);
  }

  /** The ground is for the pointer; the keyboard has the slider above it and the buttons beside it. */
  #lane(name: HTMLElement, kind: string, spans: readonly HTMLElement[]): HTMLElement {
    const head = make('span', { class: 'head' });
    const ground = make('div', { class: 'ground' }, ...spans, head);
    ground.dataset['kind'] = kind;
    ground.setAttribute('aria-hidden', 'true');
    ground.addEventListener('click', ({ clientX }) => {
      const { left, width } = ground.getBoundingClientRect();
      this.#onSeek(((clientX - left) / width) * (this.#case?.timeline.durationUs ?? 0));
    });
    this.#heads.push(head);
    return make('div', { class: 'lane' }, name, ground);
  }

  #span(fromUs: number, untilUs: number, kind: string): HTMLElement {
    const span = make('span', { class: 'span' });
    span.dataset['kind'] = kind;
    span.style.insetInlineStart = this.#share(fromUs);
    span.style.inlineSize = this.#share(Math.min(untilUs, this.#case?.timeline.durationUs ?? 0) - fromUs);
    return span;
  }

  #share(us: number): string {
    const { durationUs } = this.#case?.timeline ?? { durationUs: 0 };
    return `${(Math.min(1, Math.max(0, us / Math.max(1, durationUs))) * 100).toFixed(3)}%`;
  }
}
