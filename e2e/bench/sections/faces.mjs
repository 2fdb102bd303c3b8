import { clipNamed } from '../harness/clips.mjs';
import { measureIdle, measureLive, progressOf, quietest } from '../harness/live-case.mjs';
import { aimTable, liveTables } from '../harness/live-tables.mjs';
import { serveBench } from '../harness/server.mjs';

const SIZES = ['640x480', '1280x720'];
const FACES = [1, 4, 10];
const WAYS = ['copy', 'bauta', 'mediapipe'];
/** Copying costs the same whatever the frame shows. */
const COPIED_FACES = 4;
const AIMS = { outputFps: 29.5, addedLatencyP95Ms: 33.3, mainThreadTaskShare: 0.03 };

export const name = 'faces';

/** @param {{ clips: readonly string[] | null }} options */
export const clipsOf = ({ clips }) => clips ?? SIZES.flatMap((size) => FACES.map((faces) => `bench-${size}-${faces}`));

/**
 * One, four and ten or more faces in the two sizes that video calls use, between copying the frames and the naive way.
 * @param {{ clips: readonly string[] | null, ways: readonly string[], seconds: number, warmUpSeconds: number, tries: number, log: (line: string) => void }} options
 */
export async function run({ clips, ways, seconds, warmUpSeconds, tries, log }) {
  const server = await serveBench();
  try {
    const idle = await measureIdle(server);
    const rows = [];
    for (const clip of clipsOf({ clips })) {
      for (const way of WAYS.filter((candidate) => ways.includes(candidate))) {
        if (way === 'copy' && clips === null && !clip.endsWith(`-${COPIED_FACES}`)) continue;
        const live = await quietest(tries, () => measureLive(server, { shape: clipNamed(clip), way, seconds, warmUpSeconds, idle }));
        rows.push({ ...live, id: `faces/${live.id}` });
        log(progressOf(live));
      }
    }
    return { idle, rows };
  } finally {
    await server.close();
  }
}

/** For a reader. */
export const describe = ({ rows }) => [
  ...liveTables('Calls: copying, Bauta and MediaPipe the naive way on the main thread, camera at 30 fps', rows),
  aimTable(rows, AIMS),
];
