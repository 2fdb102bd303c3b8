import { openPictureRedactor } from 'bauta';
import { openGrant } from './grant.mjs';
import { evaluatedWorker } from './workers.mjs';

/** A look that takes this long has failed; a busy machine is no reason. */
const TIMEOUT_MS = 30_000;

/**
 * Redacts stills as an app does, with the published worker, or with a worse one.
 * @param {{ worsen: string | null, threshold?: number }} options
 */
export async function openStills({ worsen, threshold }) {
  const grant = await openGrant();
  const redactor = await openPictureRedactor({
    grant,
    detection: { timeoutMs: TIMEOUT_MS, ...(threshold === undefined ? {} : { threshold }) },
    ...(worsen === null ? {} : { assets: { createWorker: () => evaluatedWorker({ worsen }) } }),
  });
  return {
    /** @param {Blob} picture */
    async redact(picture) {
      const { bitmap, faces, whole } = await redactor.redact(picture);
      bitmap.close();
      return { regions: faces.map(({ box }) => box), whole };
    },
    close: () => redactor.close(),
  };
}
