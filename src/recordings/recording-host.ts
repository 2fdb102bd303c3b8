import { transfer } from 'comlink';
import { recordingWorkerUrl } from '../assets/recording-locations.ts';
import type { FacePrivacyError } from '../core/errors.ts';
import type { RecordingWorkerApi, RecordingWorkerEvent } from '../core/recording-protocol.ts';
import { WorkerHost, type WorkerHostListeners } from '../threads/worker-host.ts';

/** @internal The page's end of a recording worker. */
export type RecordingHost = WorkerHost<RecordingWorkerApi, RecordingWorkerEvent>;

/**
 * @internal Starts a recording worker and waits until it is sealed. @param signal closes the worker, now or later: whatever waits for it fails.
 * @throws FacePrivacyError ERR_WORKER_*, ERR_SESSION_CLOSED after an abort; nothing is left running then.
 */
export async function startRecordingWorker(createWorker: (() => Worker) | undefined, listeners: WorkerHostListeners<RecordingWorkerEvent>, signal?: AbortSignal): Promise<RecordingHost> {
  const create = createWorker ?? (() => new Worker(recordingWorkerUrl(), { type: 'module', name: 'bauta-recording' }));
  const host = new WorkerHost<RecordingWorkerApi, RecordingWorkerEvent>('recording', create, listeners);
  signal?.addEventListener('abort', () => void host.close(), { once: true });
  try {
    await host.call((remote) => {
      const port = host.eventPort;
      return remote.load(transfer(port, [port]));
    });
    return host;
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** @internal Listeners of a worker that is asked one thing and closed: its answer says everything. */
export function quietListeners(onLost: (error: FacePrivacyError) => void = () => undefined): WorkerHostListeners<RecordingWorkerEvent> {
  return { onEvent: () => undefined, onLost };
}
