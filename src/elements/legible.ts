import type { Sighting } from '../core/visible-indicator.ts';

/** An indicator from inside: its host, what everything is drawn on, and the words that must be readable. */
export interface Legible {
  readonly host: HTMLElement;
  readonly plate: HTMLElement;
  readonly label: HTMLElement;
}

/** Smaller than this, in CSS pixels on screen, nobody notices it. */
const MIN_WIDTH_PX = 48;
const MIN_HEIGHT_PX = 20;
/** Of the words, as they are laid out. */
const MIN_FONT_PX = 11;
/** WCAG 2.2, success criterion 1.4.3 for text. */
const MIN_CONTRAST = 4.5;

/**
 * What no observer tells: whether the indicator is large enough, its words can be read against their ground, and no mask
 * takes it away. Null: all is well.
 */
export function faultOf({ host, plate, label }: Legible): Sighting {
  const box = plate.getBoundingClientRect();
  if (box.width < MIN_WIDTH_PX || box.height < MIN_HEIGHT_PX) return 'too-small';
  const words = label.getBoundingClientRect();
  // Transforms shrink the box, not the computed font size.
  if (label.offsetHeight === 0 || (Number.parseFloat(getComputedStyle(label).fontSize) * words.height) / label.offsetHeight < MIN_FONT_PX) return 'too-small';
  if (isOutside(words, box)) return 'unreadable';
  const contrast = contrastOf(getComputedStyle(label).color, getComputedStyle(plate).backgroundColor);
  if (contrast < MIN_CONTRAST) return 'unreadable';
  return [...ancestorsOf(host)].every((at) => getComputedStyle(at).maskImage === 'none') ? null : 'covered';
}

/** An element and everything it is drawn inside of, out of slots and shadow trees, too. */
export function* ancestorsOf(element: Element): Generator<Element> {
  for (let at: Element | null = element; at !== null; at = parentOf(at)) yield at;
}

function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot;
  if (element.parentElement !== null) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

function isOutside(inner: DOMRect, outer: DOMRect): boolean {
  return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
}

/** Contrast of two opaque colours, 1 to 21 (WCAG 2.2); 0 for anything that is not opaque or cannot be read. */
export function contrastOf(text: string, ground: string): number {
  const [a, b] = [luminanceOf(text), luminanceOf(ground)];
  if (a === null || b === null) return 0;
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The styles of the plate make every colour one of these two forms, see indicator-styles.ts. */
const FORMS = [/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/, /^color\(srgb (-?[\d.e-]+) (-?[\d.e-]+) (-?[\d.e-]+)(?: \/ ([\d.]+))?\)$/];

function luminanceOf(colour: string): number | null {
  for (const [i, form] of FORMS.entries()) {
    const match = form.exec(colour);
    if (match === null) continue;
    if (match[4] !== undefined && Number(match[4]) < 1) return null;
    const [r, g, b] = [match[1], match[2], match[3]].map((channel) => linear(Number(channel) / (i === 0 ? 255 : 1)));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  }
  return null;
}

function linear(channel: number): number {
  const value = Math.min(1, Math.max(0, channel));
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
