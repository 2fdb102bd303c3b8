import { FacePrivacyError } from '../core/errors.ts';

const PREFIX = 'bauta:recording:';

/**
 * @internal Marks a recording as running for as long as this page lives or until the function returned is called (Web Locks): other tabs then
 * do not take it for one that was cut off.
 * @throws FacePrivacyError ERR_UNSUPPORTED where the browser has no locks.
 */
export function holdRecording(recordingId: string): Promise<() => void> {
  if (!('locks' in navigator)) throw new FacePrivacyError('ERR_UNSUPPORTED', 'This browser has no Web Locks, without which tabs cannot tell a running recording from one that was cut off.');
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(PREFIX + recordingId, () => new Promise<void>((release) => { resolve(release); }))
      .catch(reject);
  });
}

/** @internal Ids of the recordings that run, in this tab or another. */
export async function runningRecordings(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) === true ? [name.slice(PREFIX.length)] : [])));
}
