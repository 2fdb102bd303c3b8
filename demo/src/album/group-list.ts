import type { FaceAlbum } from 'bauta/album';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { TilePainter } from './tile-painter.ts';

/** What the list needs of the album page. */
export interface GroupListParts {
  /** The photo's file; null where the page does not have it. */
  fileOf(pictureId: string): File | null;
  onMerge(groupIds: readonly string[]): void;
  onSplit(groupId: string, faceIds: readonly string[]): void;
}

/** Groups of up to so many faces stand side by side. */
const NARROW = 2;

interface Tile {
  readonly item: HTMLLIElement;
  readonly box: HTMLInputElement;
  readonly canvas: HTMLCanvasElement;
  readonly pictureId: string;
}

interface ShownGroup {
  readonly groupId: string;
  readonly number: number;
  readonly faceIds: readonly string[];
}

/** The groups of an album as rows of faces, drawn from the person's own files, and what the person corrects about them. */
export class GroupList {
  readonly #language: Language;
  readonly #parts: GroupListParts;
  readonly #place = part('groups', HTMLElement);
  readonly #merge = part('merge', HTMLButtonElement);
  readonly #split = part('split', HTMLButtonElement);
  readonly #unmark = part('unmark', HTMLButtonElement);
  readonly #painter: TilePainter;
  readonly #tiles = new Map<string, Tile>();
  #groups: readonly ShownGroup[] = [];

  constructor(language: Language, parts: GroupListParts) {
    this.#language = language;
    this.#parts = parts;
    this.#painter = new TilePainter((pictureId) => parts.fileOf(pictureId));
    this.#merge.addEventListener('click', () => {
      const groups = this.#markedGroups();
      if (groups.length > 1) parts.onMerge(groups.map(({ groupId }) => groupId));
    });
    this.#split.addEventListener('click', () => {
      const [group] = this.#markedGroups();
      if (group !== undefined && this.#canSplit()) parts.onSplit(group.groupId, this.#marked());
    });
    this.#unmark.addEventListener('click', () => { this.unmark(); });
    this.#place.addEventListener('change', () => { this.#sayMarks(); });
    language.follow(() => { this.#draw(); });
  }

  /** Shows the album as it is now. Null: there is none. */
  show(album: FaceAlbum | null): void {
    const pictureOf = new Map((album?.pictures() ?? []).flatMap(({ pictureId, faceIds }) => faceIds.map((faceId) => [faceId, pictureId] as const)));
    const faces = album?.faces() ?? [];
    for (const [faceId, tile] of this.#tiles) {
      // A photo that has come to hand since is drawn anew.
      const canBeDrawn = this.#parts.fileOf(tile.pictureId) !== null && tile.item.dataset['unseen'] !== undefined;
      if (pictureOf.has(faceId) && !canBeDrawn) continue;
      this.#painter.drop(tile.canvas);
      this.#tiles.delete(faceId);
    }
    for (const { faceId, box, rotationDeg } of faces) {
      const pictureId = pictureOf.get(faceId);
      if (pictureId !== undefined && !this.#tiles.has(faceId)) this.#tiles.set(faceId, this.#tile({ pictureId, box, rotationDeg }));
    }
    const groups = album?.groups() ?? [];
    // Who was seen more than once comes first.
    const inOrder = [...groups.filter(({ faceIds }) => faceIds.length > 1), ...groups.filter(({ faceIds }) => faceIds.length === 1)];
    this.#groups = inOrder.map((group, index) => ({ ...group, number: index + 1 }));
    this.#draw();
  }

  unmark(): void {
    for (const { box } of this.#tiles.values()) box.checked = false;
    this.#sayMarks();
  }

  #tile(place: Parameters<TilePainter['tile']>[0]): Tile {
    const [item, label, box] = [document.createElement('li'), document.createElement('label'), document.createElement('input')];
    box.type = 'checkbox';
    label.className = 'tile';
    const canvas = this.#painter.tile(place);
    label.append(canvas, box);
    item.append(label);
    if (this.#parts.fileOf(place.pictureId) === null) item.dataset['unseen'] = '';
    return { item, box, canvas, pictureId: place.pictureId };
  }

  #draw(): void {
    const focused = [...this.#tiles.values()].find(({ box }) => box === document.activeElement);
    const several = this.#groups.filter(({ faceIds }) => faceIds.length > 1);
    const alone = this.#groups.filter(({ faceIds }) => faceIds.length === 1);
    const sections = several.map((group) => {
      const title = this.#language.text('aGroup', { number: group.number });
      const count = this.#language.text('aFaces', { count: group.faceIds.length });
      return this.#section(`group-${group.number}`, title, count, [group]);
    });
    if (alone.length > 0) sections.push(this.#section('group-alone', this.#language.text('aAlone'), this.#language.text('aAloneHint'), alone));
    this.#place.replaceChildren(...sections);
    focused?.box.focus();
    part('groups-empty', HTMLElement).hidden = this.#groups.length > 0;
    part('corrections', HTMLElement).hidden = this.#groups.length === 0;
    part('unseen-hint', HTMLElement).hidden = ![...this.#tiles.values()].some(({ item }) => item.dataset['unseen'] !== undefined);
    this.#sayMarks();
  }

  #section(id: string, title: string, hint: string, groups: readonly ShownGroup[]): HTMLElement {
    const [section, heading, small, list] = [document.createElement('section'), document.createElement('h3'), document.createElement('small'), document.createElement('ul')];
    section.className = 'group';
    section.toggleAttribute('data-wide', groups.length > 1 || (groups[0]?.faceIds.length ?? 0) > NARROW);
    section.setAttribute('aria-labelledby', id);
    heading.id = id;
    heading.textContent = title;
    small.textContent = hint;
    list.className = 'tiles';
    for (const group of groups) list.append(...this.#items(group));
    section.append(heading, small, list);
    return section;
  }

  #items({ number, faceIds }: ShownGroup): HTMLLIElement[] {
    return faceIds.flatMap((faceId, index) => {
      const tile = this.#tiles.get(faceId);
      if (tile === undefined) return [];
      const picture = this.#parts.fileOf(tile.pictureId)?.name ?? this.#language.text('aPictureUnknown');
      tile.box.setAttribute('aria-label', this.#language.text('aFaceLabel', { number: index + 1, group: number, picture }));
      tile.item.title = picture;
      return [tile.item];
    });
  }

  #marked(): string[] {
    return [...this.#tiles].filter(([, { box }]) => box.checked).map(([faceId]) => faceId);
  }

  #markedGroups(): ShownGroup[] {
    const marked = new Set(this.#marked());
    return this.#groups.filter(({ faceIds }) => faceIds.some((faceId) => marked.has(faceId)));
  }

  #canSplit(): boolean {
    const [group, ...others] = this.#markedGroups();
    return group !== undefined && others.length === 0 && this.#marked().length < group.faceIds.length;
  }

  #sayMarks(): void {
    const marked = this.#marked().length;
    const groups = this.#markedGroups().length;
    this.#merge.setAttribute('aria-disabled', String(groups < 2));
    this.#split.setAttribute('aria-disabled', String(!this.#canSplit()));
    this.#unmark.setAttribute('aria-disabled', String(marked === 0));
    const text = part('picked', HTMLElement);
    if (marked === 0) this.#language.write(text, 'aPick');
    else this.#language.write(text, 'aPicked', { faces: marked, groups });
  }
}
