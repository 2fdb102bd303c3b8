import type { FaceReport, FacesReport } from 'bauta';
import { part } from './dom.ts';
import { pictureAt } from './face-boxes.ts';
import type { Language } from './language.ts';

type Place = 'left' | 'middle' | 'right';

/** A face that is not seen for a moment keeps its button: a button that flickers cannot be pressed. */
const LINGER_US = 800_000;

interface Chip {
  readonly button: HTMLButtonElement;
  place: Place;
  /** `timestampUs` of the report in which it was last seen, not only expected. */
  seenUs: number;
}

/** What the chips are for. */
export interface FaceChipsParts {
  /** The person says: this track is me. */
  onClaim(trackId: number): void;
  /** Which track is under a point of the picture; the library's `trackAt`, from the entry that the page uses anyway. */
  trackAt(report: FacesReport, x: number, y: number): number | null;
}

/** The faces of the picture, to be claimed: a button each, and the picture itself for whoever can tap it. */
export class FaceChips {
  readonly #language: Language;
  readonly #list = part('faces', HTMLElement);
  readonly #screen = part('screen', HTMLElement);
  readonly #chips = new Map<number, Chip>();
  readonly #parts: FaceChipsParts;
  #report: FacesReport | null = null;
  #own: number | null = null;

  constructor(language: Language, parts: FaceChipsParts) {
    this.#language = language;
    this.#parts = parts;
    this.#screen.addEventListener('click', (event) => {
      if (this.#report === null || event.target instanceof HTMLButtonElement) return;
      const { x, y } = pictureAt(this.#report, this.#screen, event);
      const trackId = parts.trackAt(this.#report, x, y);
      if (trackId !== null) parts.onClaim(trackId);
    });
    language.follow(() => { this.#nameAll(); });
  }

  /** Number of faces in the picture now. */
  get count(): number {
    return this.#chips.size;
  }

  /** Null: there is no picture. */
  show(report: FacesReport | null): void {
    this.#report = report;
    this.#screen.toggleAttribute('data-taps', report !== null && report.faces.length > 0);
    const now = report?.timestampUs ?? Infinity;
    for (const face of report?.faces ?? []) if (face.state === 'confirmed') this.#place(face, report?.width ?? 1, now);
    for (const [trackId, chip] of this.#chips) {
      const there = report?.faces.some((face) => face.trackId === trackId) ?? false;
      if (!there || now - chip.seenUs > LINGER_US) this.#remove(trackId, chip);
    }
  }

  /** The track that the person says is theirs. */
  set own(trackId: number | null) {
    this.#own = trackId;
    for (const [id, { button }] of this.#chips) button.setAttribute('aria-pressed', String(id === trackId));
    this.#nameAll();
  }

  #place({ trackId, box }: FaceReport, width: number, nowUs: number): void {
    const middle = (box.x + box.width / 2) / width;
    const place: Place = middle < 0.4 ? 'left' : middle > 0.6 ? 'right' : 'middle';
    const known = this.#chips.get(trackId);
    if (known?.place === place) {
      known.seenUs = nowUs;
      return;
    }
    const chip = { button: known?.button ?? this.#add(trackId), place, seenUs: nowUs };
    this.#chips.set(trackId, chip);
    this.#name(trackId, chip);
  }

  #add(trackId: number): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'chip';
    button.setAttribute('aria-pressed', String(trackId === this.#own));
    button.addEventListener('click', () => { this.#parts.onClaim(trackId); });
    this.#list.append(button);
    return button;
  }

  /** A button that goes must not take the focus with it. */
  #remove(trackId: number, { button }: Chip): void {
    const focused = button === document.activeElement;
    button.remove();
    this.#chips.delete(trackId);
    if (focused) this.#list.focus();
  }

  #nameAll(): void {
    for (const [trackId, chip] of this.#chips) this.#name(trackId, chip);
  }

  #name(track: number, chip: Chip): void {
    const place = this.#language.text(`place_${chip.place}`);
    const [name, where] = [document.createElement('b'), document.createElement('small')];
    name.textContent = this.#language.text('fFace', { track });
    where.textContent = track === this.#own ? this.#language.text('fFaceMine') : place;
    chip.button.replaceChildren(name, where);
    chip.button.setAttribute('aria-label', this.#language.text('fFaceLabel', { track, place }));
  }
}
