import { at } from '../../../scripts/paths.mjs';
import { openBrowser } from '../harness/browser.mjs';
import { clipNamed } from '../harness/clips.mjs';
import { openPage } from '../harness/live-case.mjs';
import { number, percent, table } from '../harness/report.mjs';
import { serveBench } from '../harness/server.mjs';

const CLIP = 'bench-1280x720-4';

export const name = 'recording';
export const clipsOf = () => [CLIP];

/**
 * What a recording costs a running session, and how fast its own file is redacted again, against real time.
 * @param {{ seconds: number, log: (line: string) => void }} options
 */
export async function run({ seconds, log }) {
  const server = await serveBench();
  const { clip } = clipNamed(CLIP);
  const browser = await openBrowser({ camera: at('.cache', 'clips', `${clip}.mjpeg`) });
  try {
    await openPage(browser.page, server.url);
    const live = await browser.page.evaluate(measureLive, seconds);
    // The scene asks for the person's own act before a file is redacted.
    await browser.page.keyboard.press('Shift');
    const rows = [...live, await browser.page.evaluate(measureFile)];
    for (const row of rows) log(`${row.id}: ${JSON.stringify(row)}`);
    return { rows };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** In the page: a session alone, then recorded; leaves the recording's file there. @param {number} seconds */
async function measureLive(seconds) {
  const [bauta, recording, consent] = await Promise.all([import('bauta'), import('bauta/recording'), import('/consent.mjs')]);
  const purposes = ['live-redacted-view', 'redacted-recording'];
  const ledger = await consent.openLedger({ inBackground: 'continue', purposes, retentionDays: 1 });
  const grant = await consent.grantFrom(ledger, purposes);
  const session = await bauta.openRedactionSession({ grant, source: { kind: 'camera', constraints: { width: 1280, height: 720, frameRate: 30 } }, indicator: consent.mountIndicator() });
  const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000));
  const watch = async (id) => {
    const seen = [];
    const note = ({ detail }) => seen.push(detail);
    session.addEventListener('stats', note);
    await wait(seconds);
    session.removeEventListener('stats', note);
    const mean = (of) => seen.reduce((sum, stats) => sum + of(stats), 0) / Math.max(1, seen.length);
    return { id, fpsOut: mean(({ fpsOut }) => fpsOut), latencyMs: mean(({ latencyMs }) => latencyMs.p50), detectMs: mean(({ stagesMs }) => stagesMs.detect.p50) };
  };
  await wait(2);
  const alone = await watch('session alone');
  const running = await recording.openRecording(session, { grant });
  const during = await watch('session, being recorded');
  const summary = await running.stop();
  await session.close();
  const shelf = await recording.openRecordings({ grant });
  const media = await shelf.open(summary.recordingId);
  await shelf.erase(summary.recordingId);
  await shelf.close();
  Object.assign(globalThis, { recorded: { media, grant, ledger } });
  return [alone, { ...during, codec: summary.codec, frames: summary.frames, dropped: summary.framesDropped, mbitPerS: (media.size * 8) / summary.durationUs }];
}

/** In the page: redacts what {@link measureLive} has recorded. */
async function measureFile() {
  const { redactFile } = await import('bauta/recording');
  const { media, grant, ledger } = globalThis.recorded;
  /** Until when each pass went on. */
  const untilMs = { 0: performance.now(), 1: 0, 2: 0 };
  const file = await redactFile(media, {
    grant,
    onProgress: (at) => {
      if (at.phase === 'loading') untilMs[0] = performance.now();
      else untilMs[at.pass] = performance.now();
    },
  });
  await ledger.close();
  const mediaMs = file.durationUs / 1000;
  const tookMs = performance.now() - untilMs[0];
  return { id: 'file redaction, two passes', frames: file.frames, mediaMs, tookMs, timesRealTime: mediaMs / tookMs, firstPassShare: (untilMs[1] - untilMs[0]) / tookMs };
}

/** @param {{ rows: any[] }} result */
export function describe({ rows }) {
  const [alone, recorded, file] = rows;
  return [
    `Recording the redacted track, 1280x720\n${table(
      ['case', 'fps out', 'latency ms', 'detect ms', 'codec', 'frames', 'dropped', 'Mbit/s'],
      [alone, recorded].map((row) => [row.id, number(row.fpsOut, 1), number(row.latencyMs, 1), number(row.detectMs, 1), row.codec ?? '-', number(row.frames, 0), number(row.dropped, 0), number(row.mbitPerS, 2)]),
    )}`,
    `File redaction, from when the models are there\n${table(
      ['case', 'frames', 'video s', 'took s', 'times real time', 'first pass'],
      [[file.id, number(file.frames, 0), number(file.mediaMs / 1000, 1), number(file.tookMs / 1000, 1), number(file.timesRealTime, 2), percent(file.firstPassShare)]],
    )}`,
  ];
}
