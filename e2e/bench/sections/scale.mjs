import { clipNamed } from '../harness/clips.mjs';
import { measureIdle, measureLive, progressOf, quietest } from '../harness/live-case.mjs';
import { ms, number, percent, table } from '../harness/report.mjs';
import { serveBench } from '../harness/server.mjs';

const HEIGHTS = [360, 720, 1080, 2160];
const FACES = [1, 5, 20];
/** Shown in a video element, too: what an app with a preview has. */
const DISPLAYED = 'scale-720-5';
/** Copying costs the same whatever the frame shows. */
const COPIED_FACES = 5;
const STAGES = ['read', 'detect', 'track', 'plan', 'compose', 'write'];
/** What the project aims at on the reference machine; shown beside the numbers, never asserted. */
const AIMS = { heights: [720, 1080], outputFps: 29.5, addedLatencyP95Ms: 33.3, mainThreadTaskShare: 0.02 };

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
export function describe({ rows }) {
  const bauta = rows.filter(({ way }) => way === 'bauta');
  return [
    `By size and number of faces, camera at 30 fps\n${table(
      ['case', 'size', 'camera fps', 'fps', 'dropped', 'added p50', 'p95 ms', 'end to end p50', 'p95 ms', 'main thread', 'its CPU', 'CPU s/100 fr', 'peak MiB', 'others'],
      rows.map((row) => [
        row.id, `${row.width}x${row.height}`, number(row.cameraFps, 1), number(row.outputFps, 1), `${row.droppedFrames}/${row.cameraFrames}`,
        ms(row.addedLatencyMs.p50), ms(row.addedLatencyMs.p95), ms(row.endToEndMs.p50), ms(row.endToEndMs.p95),
        percent(row.mainThread.taskShare), percent(row.mainThread.cpuShare), number(row.cpuSecondsPer100Frames, 2), number(row.peakMemoryMiB, 0), number(row.othersCores, 1),
      ]),
    )}`,
    `What each stage takes in the worker, p50 / p95 ms; for copy, read and compose are the two halves of a copy\n${table(
      ['case', ...STAGES, 'looks/frame', 'covered whole'],
      rows.map((row) => [
        row.id, ...STAGES.map((stage) => `${ms(row.stagesMs[stage]?.p50)} / ${ms(row.stagesMs[stage]?.p95)}`),
        number(row.looksPerFrame, 2), percent(row.coveredWholeShare),
      ]),
    )}`,
    `Aims\n${table(
      ['case', `fps >= ${AIMS.outputFps}`, 'none dropped', `added p95 <= ${AIMS.addedLatencyP95Ms} ms`, `main thread < ${percent(AIMS.mainThreadTaskShare)}`],
      bauta.filter(({ height }) => AIMS.heights.includes(height)).map((row) => [
        row.id, met(row.outputFps >= AIMS.outputFps), met(row.droppedFrames === 0),
        met(row.addedLatencyMs.p95 <= AIMS.addedLatencyP95Ms), met(row.mainThread.taskShare < AIMS.mainThreadTaskShare),
      ]),
    )}`,
  ];
}

const met = (yes) => (yes ? 'yes' : 'no');
