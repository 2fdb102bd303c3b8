import type { Box, Size } from 'bauta';
import { part } from '../dom.ts';
import { fitInside } from '../face-boxes.ts';
import type { Language } from '../language.ts';

/** What the editor tells. */
export interface BoxEditorListeners {
  /** Enter: the place is right. */
  onDone(): void;
  /** Escape: no box. */
  onCancel(): void;
}

/** How far an arrow key goes, in shares of the picture's longer side. */
const STEP = 0.02;
const SMALLEST = 0.02;

/** A place over the picture, drawn with the pointer or moved and sized with the arrow keys. */
export class BoxEditor {
  readonly #language: Language;
  readonly #listeners: BoxEditorListeners;
  readonly #editor = part('editor', HTMLElement);
  readonly #draft = part('draft', HTMLElement);
  readonly #words = part('draft-place', HTMLElement);
  #picture: Size = { width: 1, height: 1 };
  #box: Box = { x: 0, y: 0, width: 0, height: 0 };
  #anchor: { readonly x: number; readonly y: number } | null = null;

  constructor(language: Language, listeners: BoxEditorListeners) {
    this.#language = language;
    this.#listeners = listeners;
    const editor = this.#editor;
    editor.addEventListener('keydown', (event) => { this.#key(event); });
    editor.addEventListener('pointerdown', (event) => {
      editor.setPointerCapture(event.pointerId);
      this.#anchor = this.#at(event);
    });
    editor.addEventListener('pointermove', (event) => { this.#drag(event); });
    editor.addEventListener('pointerup', (event) => {
      this.#drag(event);
      this.#anchor = null;
    });
    new ResizeObserver(() => { this.#draw(); }).observe(editor);
    language.follow(() => { this.#draw(); });
  }

  /** The place, in pixels of the picture. */
  get box(): Box {
    return this.#box;
  }

  /** Opens it with a box in the middle. */
  open(picture: Size): void {
    const side = Math.max(picture.width, picture.height) * 0.2;
    this.#picture = picture;
    this.#box = this.#inside({ x: (picture.width - side) / 2, y: (picture.height - side) / 2, width: side, height: side });
    this.#editor.hidden = false;
    this.#draw();
    this.#editor.focus();
  }

  close(): void {
    this.#editor.hidden = true;
    this.#anchor = null;
    this.#words.textContent = '';
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Enter') this.#listeners.onDone();
      else this.#listeners.onCancel();
      return;
    }
    const directions: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const direction = Object.hasOwn(directions, event.key) ? directions[event.key] : undefined;
    if (direction === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const step = Math.max(this.#picture.width, this.#picture.height) * (event.altKey ? STEP / 4 : STEP);
    const [x, y] = [direction[0] * step, direction[1] * step];
    const { box } = this;
    this.#box = this.#inside(event.shiftKey ? { ...box, width: box.width + x, height: box.height + y } : { ...box, x: box.x + x, y: box.y + y });
    this.#draw();
  }

  #drag(event: PointerEvent): void {
    const anchor = this.#anchor;
    if (anchor === null) return;
    const { x, y } = this.#at(event);
    // A tap is no box.
    if (Math.abs(x - anchor.x) < 2 && Math.abs(y - anchor.y) < 2) return;
    this.#box = this.#inside({ x: Math.min(x, anchor.x), y: Math.min(y, anchor.y), width: Math.abs(x - anchor.x), height: Math.abs(y - anchor.y) });
    this.#draw();
  }

  #at({ clientX, clientY }: PointerEvent): { x: number; y: number } {
    const place = this.#editor.getBoundingClientRect();
    const { scale, left, top } = fitInside(this.#picture, place);
    const { width, height } = this.#picture;
    return { x: clamp((clientX - place.left - left) / scale, 0, width), y: clamp((clientY - place.top - top) / scale, 0, height) };
  }

  /** As wanted, within the picture, never too small to be found again. */
  #inside(wanted: Box): Box {
    const { width: pictureWidth, height: pictureHeight } = this.#picture;
    const least = Math.max(pictureWidth, pictureHeight) * SMALLEST;
    const width = clamp(wanted.width, Math.min(least, pictureWidth), pictureWidth);
    const height = clamp(wanted.height, Math.min(least, pictureHeight), pictureHeight);
    return { x: Math.round(clamp(wanted.x, 0, pictureWidth - width)), y: Math.round(clamp(wanted.y, 0, pictureHeight - height)), width: Math.round(width), height: Math.round(height) };
  }

  #draw(): void {
    if (this.#editor.hidden) return;
    const { clientWidth, clientHeight } = this.#editor;
    const { scale, left, top } = fitInside(this.#picture, { width: clientWidth, height: clientHeight });
    const { x, y, width, height } = this.#box;
    const { style } = this.#draft;
    style.left = `${left + x * scale}px`;
    style.top = `${top + y * scale}px`;
    style.width = `${width * scale}px`;
    style.height = `${height * scale}px`;
    const share = (value: number, whole: number): string => this.#language.number((value / whole) * 100);
    const { width: pictureWidth, height: pictureHeight } = this.#picture;
    const words = { x: share(x, pictureWidth), y: share(y, pictureHeight), width: share(width, pictureWidth), height: share(height, pictureHeight) };
    this.#words.textContent = this.#language.text('vDraftPlace', words);
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
