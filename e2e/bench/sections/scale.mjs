import { clipNamed } from '../harness/clips.mjs';
import { measureIdle, measureLive, progressOf, quietest } from '../harness/live-case.mjs';
import { aimTable, liveTables } from '../harness/live-tables.mjs';
import { serveBench } from '../harness/server.mjs';

const HEIGHTS = [360, 720, 1080, 2160];
const FACES = [1, 5, 20];
/** Shown in a video element, too: what an app with a preview has. */
const DISPLAYED = 'scale-720-5';
/** Copying costs the same whatever the frame shows. */
const COPIED_FACES = 5;
/** What the project aims at on the reference machine; shown beside the numbers, never asserted. */
const AIMED_HEIGHTS = [720, 1080];
const AIMS = { outputFps: 29.5, addedLatencyP95Ms: 33.3, mainThreadTaskShare: 0.02 };

export const name = 'scale';

/** @param {{ clips: readonly string[] | null }} options */
export const clipsOf = ({ clips }) => clips ?? HEIGHTS.flatMap((height) => FACES.map((faces) => `scale-${height}-${faces}`));

/**
 * How the cost grows with the picture and with the faces in it, beside the cost of copying: camera to output track at 30
 * frames a second.
 * @param {{ clips: readonly string[] | null, ways: readonly string[], seconds: number, warmUpSeconds: number, tries: number, log: (line: string) => void }} options
 */
export async function run({ clips, ways, seconds, warmUpSeconds, tries, log }) {
  const server = await serveBench();
  try {
    const idle = await measureIdle(server);
    const rows = [];
    for (const shape of clipsOf({ clips }).map(clipNamed)) {
      for (const way of ['copy', 'bauta'].filter((candidate) => ways.includes(candidate))) {
        if (way === 'copy' && clips === null && shape.faces !== COPIED_FACES) continue;
        for (const display of shape.clip === DISPLAYED && way === 'bauta' ? [false, true] : [false]) {
          const row = await quietest(tries, () => measureLive(server, { shape, way, display, seconds, warmUpSeconds, idle }));
          rows.push(row);
          log(progressOf(row));
        }
      }
    }
    return { idle, rows };
  } finally {
    await server.close();
  }
}

/** For a reader. */
export const describe = ({ rows }) => [
  ...liveTables('By size and number of faces, camera at 30 fps', rows),
  aimTable(rows.filter(({ height }) => AIMED_HEIGHTS.includes(height)), AIMS),
];
