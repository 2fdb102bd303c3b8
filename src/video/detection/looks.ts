import type { Box, Size } from '../../core/geometry.ts';
import type { DetectorModel, Look, LookEffort } from './face-detector.ts';

/** A whole look reaches this share of the longer side beyond the picture on each side, so that faces coming in are seen early. */
export const EDGE_MARGIN = 0.05;
/** What it sees beyond the longer edges may be less, where a smaller input then suffices. */
const LEAST_MARGIN = 0.03;
/** Neighbouring tiles share at least this part of their side: a face up to this size lies wholly in one of them. */
const TILE_OVERLAP = 0.2;

/** A set of tiles: squares whose side is `share` of the picture's longer side. */
export interface TileSet {
  readonly model: DetectorModel;
  readonly share: number;
  /** `still`: only for pictures that nobody waits a frame for. */
  readonly effort: LookEffort;
  /** Tiles smaller than this, in display pixels, show the model nothing that the whole look does not. */
  readonly smallestSidePx: number;
}

/** What a model takes in: `multiple` null for squares of `inputSize`, else also less high or wide ones whose sides are multiples of it. */
export interface InputShape {
  readonly inputSize: number;
  readonly multiple: number | null;
}

/** The shape to which windows have to keep where every input is a square. */
export const SQUARE: InputShape = { inputSize: 1, multiple: null };

/**
 * The window about the picture's centre that holds it and {@link EDGE_MARGIN} around the longer side. Around the
 * shorter one it holds at least {@link LEAST_MARGIN} and as much as fills the model's input.
 */
export function wholeWindow(display: Size, { inputSize, multiple }: InputShape): Box {
  const longer = Math.max(display.width, display.height);
  const side = longer * (1 + 2 * EDGE_MARGIN);
  const pitch = side / inputSize;
  const needed = (Math.min(display.width, display.height) + 2 * LEAST_MARGIN * longer) / pitch;
  const across = multiple === null ? side : Math.min(inputSize, Math.ceil(needed / multiple) * multiple) * pitch;
  const [width, height] = display.width >= display.height ? [side, across] : [across, side];
  return { x: (display.width - width) / 2, y: (display.height - height) / 2, width, height };
}

/** The input that a window fills without being stretched. */
export function inputFor(window: Size, inputSize: number): Size {
  const pitch = Math.max(window.width, window.height) / inputSize;
  return { width: Math.round(window.width / pitch), height: Math.round(window.height / pitch) };
}

/** Overlapping squares that together cover the picture, evenly spread, row by row. */
export function tileWindows(display: Size, side: number): { columns: number; rows: number; windows: Box[] } {
  const columns = tilesAlong(display.width, side);
  const rows = tilesAlong(display.height, side);
  const windows: Box[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      windows.push({ x: tileStart(display.width, side, column, columns), y: tileStart(display.height, side, row, rows), width: side, height: side });
    }
  }
  return { columns, rows, windows };
}

function tilesAlong(span: number, side: number): number {
  return span <= side ? 1 : Math.ceil((span - side * TILE_OVERLAP) / (side * (1 - TILE_OVERLAP)) - 1e-9);
}

function tileStart(span: number, side: number, index: number, count: number): number {
  return count === 1 ? (span - side) / 2 : (index * (span - side)) / (count - 1);
}

/** A model and what it takes in. */
export interface LookModel {
  readonly model: DetectorModel;
  readonly shape: InputShape;
}

/** Builds `looksFor` of a detector: one whole look per model in the given order, then the tiles. Remembers the last few answers. */
export function createLookList(models: readonly LookModel[], tileSets: readonly TileSet[]): (display: Size, effort: LookEffort) => readonly Look[] {
  const remembered = new Map<string, readonly Look[]>();
  return (display, effort) => {
    const key = `${display.width}x${display.height} ${effort}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const looks: Look[] = models.map(({ model, shape }) => ({ id: model, model, scope: 'whole', window: wholeWindow(display, shape) }));
    for (const set of tileSets) {
      const side = Math.max(display.width, display.height) * set.share;
      if (side < set.smallestSidePx || (set.effort === 'still' && effort === 'live')) continue;
      const { columns, rows, windows } = tileWindows(display, side);
      windows.forEach((window, i) => {
        const id = `${set.model}@${i % columns},${Math.floor(i / columns)}/${columns}x${rows}`;
        looks.push({ id, model: set.model, scope: 'tile', window });
      });
    }
    if (remembered.size >= 8) remembered.clear();
    remembered.set(key, looks);
    return looks;
  };
}
