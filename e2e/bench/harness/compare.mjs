/** Differences from the committed numbers beyond this share are marked. */
export const NOTABLE = 0.1;

/** @type {Record<string, 'less' | 'more'>} */
const LIVE = {
  outputFps: 'more',
  'addedLatencyMs.p50': 'less',
  'addedLatencyMs.p95': 'less',
  'endToEndMs.p50': 'less',
  'endToEndMs.p95': 'less',
  'mainThread.taskShare': 'less',
  cpuSecondsPer100Frames: 'less',
  peakMemoryMiB: 'less',
};

/**
 * The numbers that are compared, by section, and which way is better.
 * @type {Record<string, Record<string, 'less' | 'more'>>}
 */
const COMPARED = {
  peers: { ...LIVE, floodFps: 'more', firstFrameMs: 'less', bytes: 'less', 'recall.covered': 'more', 'recall.over': 'less' },
  scale: { ...LIVE, 'stagesMs.read.p50': 'less', 'stagesMs.detect.p50': 'less', 'stagesMs.compose.p50': 'less' },
  startup: { firstFrameMs: 'less', firstSearchedMs: 'less', bytes: 'less', libraryBytes: 'less' },
  covering: { 'copyMs.p50': 'less', 'readMs.p50': 'less', 'composeMs.frost.p50': 'less', frostOverCopy: 'less' },
};

/**
 * What is notably different from an earlier run. Rows are paired by `id`; what only one of them has is left out.
 * @param {any} before
 * @param {any} after
 * @returns {{ id: string, metric: string, before: number, after: number, change: number, verdict: 'better' | 'worse' }[]}
 */
export function compareRuns(before, after) {
  return Object.entries(COMPARED).flatMap(([section, metrics]) => {
    const earlier = new Map((before.sections?.[section]?.rows ?? []).map((row) => [row.id, row]));
    return (after.sections?.[section]?.rows ?? []).flatMap((row) => {
      const old = earlier.get(row.id);
      if (old === undefined) return [];
      return Object.entries(metrics).flatMap(([metric, better]) => {
        const [was, is] = [at(old, metric), at(row, metric)];
        if (typeof was !== 'number' || typeof is !== 'number' || was <= 0) return [];
        const change = is / was - 1;
        if (Math.abs(change) <= NOTABLE) return [];
        return [{ id: row.id, metric, before: was, after: is, change, verdict: change > 0 === (better === 'more') ? 'better' : 'worse' }];
      });
    });
  });
}

/** @param {any} row @param {string} path */
const at = (row, path) => path.split('.').reduce((value, key) => value?.[key], row);
