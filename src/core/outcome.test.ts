import { expect, it } from 'vitest';
import { FacePrivacyError } from './errors.ts';
import { orRefusal } from './outcome.ts';

it('a refusal is an outcome [TAF-5.1c]', async () => {
  const refusal = new FacePrivacyError('ERR_CAMERA_DENIED', 'no');
  expect(await orRefusal(Promise.reject(refusal))).toEqual({ ok: false, refusal });
  expect(await orRefusal(Promise.resolve(7))).toEqual({ ok: true, value: 7 });
});

it('a bug or a failure is not', async () => {
  for (const error of [new TypeError('option'), new FacePrivacyError('ERR_CONSENT_FORGED', 'made by hand'), new FacePrivacyError('ERR_WORKER_LOST', 'gone')]) {
    await expect(orRefusal(Promise.reject(error))).rejects.toBe(error);
  }
});
