import { later } from '../core/later.ts';
import { assertGrant } from '../governance/consent/grant.ts';
import type { PictureRedactor } from './picture-redactor.ts';
import { assertScene } from './scene-rules.ts';
import { checkPictureOptions, type PictureOptions } from './session-options.ts';

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
  const { startPictureRedactor } = await later(import('./picture-redactor.ts'));
  return startPictureRedactor(options);
}
