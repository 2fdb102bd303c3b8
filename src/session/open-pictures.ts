import { transfer } from 'comlink';
import { fromErrorReport } from '../core/errors.ts';
import { later } from '../core/later.ts';
import type { WorkerEvent } from '../core/protocol.ts';
import { startEngine } from './engine.ts';
import { assertGrant } from '../governance/consent/grant.ts';
import { reportFailure } from './incident-report.ts';
import type { PictureRedactor } from './picture-redactor.ts';
import { assertScene } from './scene-rules.ts';
import { checkPictureOptions, pipelineSettings, type PictureOptions } from './session-options.ts';

/**
 * Opens a redactor for still pictures: a worker with models, no camera. The caller closes it. In the scenes `upload`,
 * `call` and `processing` it has to be called from a person's own act, such as the choice of a file (TAF-5.2a).
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_GESTURE_REQUIRED,
 * ERR_SCENE_METHOD, ERR_ASSET_*, ERR_WORKER_*, ERR_DETECTOR_*, ERR_ABORTED.
 */
export async function openPictureRedactor(options: PictureOptions): Promise<PictureRedactor> {
  checkPictureOptions(options);
  const { grant, initiatedBy = 'app', redaction } = options;
  assertGrant(grant, 'openPictureRedactor');
  assertScene(grant, { initiatedBy, method: redaction?.method, operation: 'openPictureRedactor' });
  const { PictureRedactor: Redactor } = await later(import('./picture-redactor.ts'));
  const settings = pipelineSettings(options);
  const signals = [grant.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const opened: { redactor?: PictureRedactor } = {};
  const onEvent = (event: WorkerEvent): void => {
    if (event.kind === 'incident') reportFailure(grant, fromErrorReport(event.data));
  };
  const { host, report } = await startEngine(options, settings, { onEvent, onLost: () => void opened.redactor?.close() }, AbortSignal.any(signals));
  opened.redactor = new Redactor({
    report,
    signals,
    assertGranted: () => { assertGrant(grant, 'PictureRedactor.redact'); },
    redact: (bitmap) => host.call((remote) => remote.redactPicture(transfer({ bitmap, style: settings.style, margin: settings.tracking.margin }, [bitmap]))),
    close: () => host.close(),
  });
  return opened.redactor;
}
