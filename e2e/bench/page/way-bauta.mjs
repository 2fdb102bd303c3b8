import { openRedactionSession } from 'bauta';
import { grantFrom, mountIndicator, openLedger } from '/consent.mjs';

/** Bauta as an app uses it. */
export async function start(source, { session: options = {}, worker } = {}) {
  const createWorker = worker === undefined ? undefined : () => new Worker(worker, { type: 'module' });
  const grant = await openGrant();
  const grantedMs = performance.timeOrigin + performance.now();
  const session = await openRedactionSession({
    grant,
    indicator: mountIndicator(),
    source,
    ...options,
    ...(createWorker === undefined ? {} : { assets: { createWorker } }),
  });
  const stats = [];
  const errors = [];
  const faces = { frames: 0, regions: 0, whole: 0 };
  let countsFaces = true;
  session.addEventListener('stats', ({ detail }) => stats.push({ ...detail, atMs: performance.timeOrigin + performance.now() }));
  for (const type of ['error', 'incident']) session.addEventListener(type, ({ detail }) => errors.push(`${detail.code}: ${detail.message}`));
  const count = ({ detail }) => {
    faces.frames += 1;
    faces.regions += detail.faces.length;
    if (detail.whole !== null) faces.whole += 1;
  };
  session.addEventListener('faces', count);
  const covers = [];
  const noteCover = ({ detail }) => covers.push({ timestampUs: detail.timestampUs, whole: detail.whole !== null, regions: detail.faces.map(({ box }) => box) });
  return {
    track: session.track,
    matchBy: 'timestamp',
    /** An app need not listen to `faces`; from the measured seconds on nobody does. */
    begin() {
      if (countsFaces) session.removeEventListener('faces', count);
      countsFaces = false;
    },
    recordCovers: () => session.addEventListener('faces', noteCover),
    takeCovers() {
      session.removeEventListener('faces', noteCover);
      return covers.splice(0);
    },
    collect: () => ({ grantedMs, stats, errors, faces, engine: session.engine, adapter: session.adapter }),
    stop: () => session.close(),
  };
}

/** Consent of the scene that needs no click: nobody is there to click. */
export async function openGrant() {
  return grantFrom(await openLedger({ scene: 'service' }));
}
