import type { Box, Size } from '../../core/geometry.ts';
import type { DetectorModel, Look, LookEffort } from './face-detector.ts';

/** A whole look reaches this share of the longer side beyond the picture on each side, so that faces coming in are seen early. */
export const EDGE_MARGIN = 0.05;
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

/** The square about the picture's centre that holds it and {@link EDGE_MARGIN} around the longer side. */
export function wholeWindow(display: Size): Box {
  const side = Math.max(display.width, display.height) * (1 + 2 * EDGE_MARGIN);
  return { x: (display.width - side) / 2, y: (display.height - side) / 2, width: side, height: side };
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

/** Builds `looksFor` of a detector: one whole look per model in the given order, then the tiles. Remembers the last few answers. */
export function createLookList(models: readonly DetectorModel[], tileSets: readonly TileSet[]): (display: Size, effort: LookEffort) => readonly Look[] {
  const remembered = new Map<string, readonly Look[]>();
  return (display, effort) => {
    const key = `${display.width}x${display.height} ${effort}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const looks: Look[] = models.map((model) => ({ id: model, model, scope: 'whole', window: wholeWindow(display) }));
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
