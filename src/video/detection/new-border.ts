import type { Box, CameraMotion, Size } from '../../core/geometry.ts';
import type { Milliseconds } from '../../core/time.ts';

/** What comes in is new for as long as it comes in, and this much longer. */
const FRESH_MS: Milliseconds = 300;
/** So deep, in shares of the picture's longer side, a border is covered at most while the camera moves slowly: by then a detector knows half a face. */
const DEPTH_SHARE = 0.05;
/** While it moves fast: what came in within this time, which is what a look and the frame of its answer take. */
const ARRIVAL_MS: Milliseconds = 100;
/** Less comes in by a trembling hand, and the motion is not known better; pixels per frame and pixels. */
const LEAST_INFLOW_PX = 0.4;
const LEAST_DEPTH_PX = 3;
/** How far the true border may lie beyond the estimated one, pixels. */
const SLACK_PX = 6;

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
  /** What came in in the last frames. */
  arrivals: { readonly frameMs: Milliseconds; readonly px: number }[];
}

/**
 * Keeps book of the picture's border. A face that the camera's motion brings in is cut by the edge at first, and no detector
 * knows a sliver of a face: until enough of it shows, the strip that came in is covered whatever it holds.
 */
export function createNewBorder(): NewBorder {
  const edges = new Map<Edge, EdgeState>(EDGES.map((edge) => [edge, { depthPx: 0, revealedPx: 0, lastInflowMs: -Infinity, arrivals: [] }]));
  let size: Size = { width: 1, height: 1 };
  let nowMs: Milliseconds = 0;

  const isFresh = ({ lastInflowMs }: EdgeState): boolean => nowMs - lastInflowMs <= FRESH_MS;

  function flow(edge: EdgeState, inflowPx: number): void {
    if (inflowPx > LEAST_INFLOW_PX) {
      edge.lastInflowMs = nowMs;
      edge.arrivals.push({ frameMs: nowMs, px: inflowPx });
    }
    edge.arrivals = edge.arrivals.filter(({ frameMs }) => nowMs - frameMs <= ARRIVAL_MS);
    const most = Math.max(DEPTH_SHARE * Math.max(size.width, size.height), edge.arrivals.reduce((sum, { px }) => sum + px, 0));
    edge.revealedPx = isFresh(edge) ? Math.max(0, edge.revealedPx + inflowPx) : 0;
    edge.depthPx = isFresh(edge) ? Math.min(most, Math.max(0, edge.depthPx + inflowPx)) : 0;
  }

  return {
    update(motion, display, frameMs, isAnother) {
      size = display;
      nowMs = frameMs;
      const inflow = motion === null ? null : inflowOf(motion, display);
      for (const [name, edge] of edges) {
        if (isAnother) Object.assign(edge, { depthPx: 0, revealedPx: Infinity, lastInflowMs: frameMs, arrivals: [] });
        else flow(edge, inflow?.[name] ?? 0);
      }
    },
    get strips() {
      const depth = (edge: Edge): number => {
        const { depthPx } = edges.get(edge)!;
        return depthPx > LEAST_DEPTH_PX ? depthPx + SLACK_PX : 0;
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
      return EDGES.some((edge) => isCut[edge] && inside[edge] <= edges.get(edge)!.revealedPx + SLACK_PX);
    },
  };
}

/** How far what was at each edge has moved into the picture, display pixels; negative where it left. */
function inflowOf({ scale, shift }: CameraMotion, { width, height }: Size): Record<Edge, number> {
  const spread = { x: ((1 - scale) * width) / 2, y: ((1 - scale) * height) / 2 };
  return { left: spread.x + shift.x, right: spread.x - shift.x, top: spread.y + shift.y, bottom: spread.y - shift.y };
}
