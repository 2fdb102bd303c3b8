import { expect, test } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import { Undo } from './undo.ts';

test('takes back every step, the last one first, also when some of them fail, and says which error it was', async () => {
  const undo = new Undo();
  const taken: number[] = [];
  for (const step of [1, 2, 3]) {
    undo.add(async () => {
      await Promise.resolve();
      taken.push(step);
      if (step > 1) throw new Error(`step ${step}`);
    });
  }
  const error = await undo.all(new FacePrivacyError('ERR_ABORTED', 'why', { details: { field: 'x' } }));
  expect(taken).toEqual([3, 2, 1]);
  expect(error).toMatchObject({ code: 'ERR_ABORTED', message: 'why', details: { field: 'x' }, cause: { errors: [{ code: 'ERR_ABORTED' }, { message: 'step 3' }, { message: 'step 2' }] } });
});

test('an error stays itself where everything was taken back; a step is taken once', async () => {
  const undo = new Undo();
  let taken = 0;
  undo.add(() => (taken += 1));
  const error = new TypeError('why');
  expect([await undo.all(error), await undo.all(error), taken]).toEqual([error, error, 1]);
});
