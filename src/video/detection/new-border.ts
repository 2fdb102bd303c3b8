import type { Box, CameraMotion, Size } from '../../core/geometry.ts';
import type { Milliseconds } from '../../core/time.ts';

/** What came in stays covered until it was in the picture for so long: by then looks have searched it in several frames. */
const ARRIVAL_MS: Milliseconds = 150;
/** So deep, in shares of the picture's longer side, a border is covered at most while the camera moves slowly: by then a detector knows half a face. */
const DEPTH_SHARE = 0.05;
/** While it moves fast: what came in within this time, which is what a look and the frame of its answer take. */
const LOOK_MS: Milliseconds = 100;
/** In all of this time: what left and comes back was searched before it left, and is followed while it is out of sight. */
const MEMORY_MS: Milliseconds = 1000;
/** A face may be coming in for as long as things do, and this much longer. */
const FRESH_MS: Milliseconds = 300;
/** Less comes in by a trembling hand, and the motion is not known better; per frame and in all, shares of the longer side. */
const LEAST_INFLOW = 0.0003;
const LEAST_DEPTH = 0.004;
/** How far the true border may lie beyond the estimated one, share of the longer side. */
const SLACK = 0.005;

const EDGES = ['left', 'right', 'top', 'bottom'] as const;
type Edge = (typeof EDGES)[number];

/** What the camera's own motion has brought into the picture lately. */
export interface NewBorder {
  /** Moves on to the frame of `frameMs`. `motion` null: not known. `isAnother`: the picture shows another scene, all of it is new. */
  update(motion: CameraMotion | null, display: Size, frameMs: Milliseconds, isAnother: boolean): void;
  /** Parts of the picture that no look has had time to search well, display pixels. */
  readonly strips: readonly Box[];
  /** True where an edge cuts the box, and no more of it shows than has come in there lately. */
  isComingIn(box: Box): boolean;
}

interface EdgeState {
  /** Of the covered strip. */
  depthPx: number;
  /** All that came in since nothing did; Infinity after a change of scene. */
  revealedPx: number;
  lastInflowMs: Milliseconds;
  positions: readonly Position[];
}

/** How far things had moved in from an edge, in all, at the time of a frame; less when they left again. */
interface Position {
  readonly frameMs: Milliseconds;
  readonly px: number;
}

/**
 * Keeps book of the picture's border. A face that the camera's motion brings in is cut by the edge at first, and no detector
 * knows a sliver of a face: until enough of it shows, the strip that came in is covered whatever it holds.
 */
export function createNewBorder(): NewBorder {
  const edges = new Map<Edge, EdgeState>(EDGES.map((edge) => [edge, { depthPx: 0, revealedPx: 0, lastInflowMs: -Infinity, positions: [] }]));
  let size: Size = { width: 1, height: 1 };
  let nowMs: Milliseconds = 0;

  const longer = (): number => Math.max(size.width, size.height);

  function flow(edge: EdgeState, inflowPx: number, memoryMs: Milliseconds): void {
    if (inflowPx > LEAST_INFLOW * longer()) edge.lastInflowMs = nowMs;
    const isFresh = nowMs - edge.lastInflowMs <= FRESH_MS;
    edge.revealedPx = isFresh ? Math.max(0, edge.revealedPx + inflowPx) : 0;
    const px = (edge.positions.at(-1)?.px ?? 0) + inflowPx;
    edge.positions = [...edge.positions, { frameMs: nowMs, px }].filter(({ frameMs }) => nowMs - frameMs <= memoryMs);
    const within = (ms: Milliseconds): number => px - shownFor(edge.positions, ms);
    edge.depthPx = Math.min(within(ARRIVAL_MS), Math.max(DEPTH_SHARE * longer(), within(LOOK_MS)));
  }

  return {
    update(motion, display, frameMs, isAnother) {
      size = display;
      nowMs = frameMs;
      const inflow = motion === null ? null : inflowOf(motion, display);
      for (const [name, edge] of edges) {
        if (isAnother) Object.assign(edge, { depthPx: 0, revealedPx: Infinity, lastInflowMs: frameMs, positions: [{ frameMs, px: 0 }] });
        // What moved nobody knows where is not remembered.
        else flow(edge, inflow?.[name] ?? 0, inflow === null ? ARRIVAL_MS : MEMORY_MS);
      }
    },
    get strips() {
      const depth = (edge: Edge): number => {
        const { depthPx } = edges.get(edge)!;
        return depthPx > LEAST_DEPTH * longer() ? depthPx + SLACK * longer() : 0;
      };
      const { width, height } = size;
      const strips: Box[] = [
        { x: 0, y: 0, width: depth('left'), height },
        { x: width - depth('right'), y: 0, width: depth('right'), height },
        { x: 0, y: 0, width, height: depth('top') },
        { x: 0, y: height - depth('bottom'), width, height: depth('bottom') },
      ];
      return strips.filter((strip) => strip.width > 0 && strip.height > 0);
    },
    isComingIn({ x, y, width, height }) {
      const inside: Record<Edge, number> = { left: x + width, right: size.width - x, top: y + height, bottom: size.height - y };
      const isCut: Record<Edge, boolean> = { left: x < 0, right: x + width > size.width, top: y < 0, bottom: y + height > size.height };
      return EDGES.some((edge) => isCut[edge] && inside[edge] <= edges.get(edge)!.revealedPx + SLACK * longer());
    },
  };
}

/** The furthest position that was reached or exceeded for so long in all; the nearest of all where none was. @param positions in order of time. */
function shownFor(positions: readonly Position[], ms: Milliseconds): number {
  const held = positions.map(({ frameMs, px }, i) => ({ px, ms: (positions[i + 1]?.frameMs ?? frameMs) - frameMs })).sort((a, b) => b.px - a.px);
  let sum = 0;
  return held.find((position) => (sum += position.ms) >= ms)?.px ?? held.at(-1)?.px ?? 0;
}

/** How far what was at each edge has moved into the picture, display pixels; negative where it left. */
function inflowOf({ scale, shift }: CameraMotion, { width, height }: Size): Record<Edge, number> {
  const spread = { x: ((1 - scale) * width) / 2, y: ((1 - scale) * height) / 2 };
  return { left: spread.x + shift.x, right: spread.x - shift.x, top: spread.y + shift.y, bottom: spread.y - shift.y };
}
