import type { SoundRange } from '../../core/sound-patch.ts';

/** Elements of Matroska (RFC 9559, section 27) that hold others, or belong to a track. */
const ID = {
  segment: 0x18538067,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  cluster: 0x1f43b675,
  simpleBlock: 0xa3,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
} as const;
const HOLDERS: readonly number[] = [ID.segment, ID.tracks, ID.cluster, ID.cues, ID.cuePoint];
/** What players skip, whatever it holds (RFC 8794, 11.3.2). */
const VOID = 0xec;

interface Element {
  readonly id: number;
  readonly at: number;
  /** Where its content begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** Finds the elements that belong to the track of sound in a piece of a WebM file (header, cluster or index). Nothing is changed. @returns how many pictures are in it. */
export function findWebmSound(bytes: Uint8Array, soundTrack: number, ranges: SoundRange[]): number {
  let pictures = 0;
  const drop = ({ at, to }: Element): void => { ranges.push({ at, length: to - at }); };
  const visit = (element: Element): void => {
    if (element.id === ID.simpleBlock) {
      if (numberAt(bytes, element.from).value === soundTrack) drop(element);
      else pictures += 1;
    } else if (element.id === ID.trackEntry) {
      if (childNumber(bytes, element, ID.trackNumber) === soundTrack) drop(element);
    } else if (element.id === ID.cueTrackPositions) {
      if (childNumber(bytes, element, ID.cueTrack) === soundTrack) drop(element);
    } else if (element.id === ID.cuePoint) {
      const places = elementsIn(bytes, element.from, element.to).filter(({ id }) => id === ID.cueTrackPositions);
      // A point of the index that tells of no other track would be none.
      if (places.every((place) => childNumber(bytes, place, ID.cueTrack) === soundTrack)) drop(element);
      else places.forEach(visit);
    } else if (HOLDERS.includes(element.id)) elementsIn(bytes, element.from, element.to).forEach(visit);
  };
  elementsIn(bytes, 0, bytes.length).forEach(visit);
  return pictures;
}

/** Makes what lies in the ranges, whole elements, ones of zeros that players skip. */
export function voidElements(bytes: Uint8Array, ranges: readonly SoundRange[]): void {
  for (const { at, length } of ranges) {
    bytes.fill(0, at, at + length);
    bytes[at] = VOID;
    if (length <= 128) {
      bytes[at + 1] = 0x80 | (length - 2);
      continue;
    }
    bytes[at + 1] = 0x01; // The length takes eight bytes, the first of which says so.
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 5, length - 9);
  }
}

/** One after the other; an element whose length is unknown, or that goes on in the next piece, ends here. */
function elementsIn(bytes: Uint8Array, from: number, to: number): Element[] {
  const elements: Element[] = [];
  for (let at = from; at < to; ) {
    const idLength = Math.clz32(bytes[at] ?? 0) - 23;
    let id = 0;
    for (let i = 0; i < idLength; i += 1) id = id * 256 + (bytes[at + i] ?? 0);
    const { value, length, isUnknown } = numberAt(bytes, at + idLength);
    const content = at + idLength + length;
    if (idLength > 4 || length > 8 || content > to) throw new Error('an element of a WebM file that cannot be read');
    const end = isUnknown ? to : Math.min(to, content + value);
    elements.push({ id, at, from: content, to: end });
    at = end;
  }
  return elements;
}

/** A number of EBML whose first bits say how long it is (RFC 8794, section 4). */
function numberAt(bytes: Uint8Array, at: number): { readonly value: number; readonly length: number; readonly isUnknown: boolean } {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  const mask = 0xff >> length;
  let value = first & mask;
  let isUnknown = value === mask;
  for (let i = 1; i < length; i += 1) {
    const byte = bytes[at + i] ?? 0;
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { value, length, isUnknown };
}

function childNumber(bytes: Uint8Array, parent: Element, id: number): number | null {
  const child = elementsIn(bytes, parent.from, parent.to).find((element) => element.id === id);
  return child === undefined ? null : bytes.subarray(child.from, child.to).reduce((value, byte) => value * 256 + byte, 0);
}
