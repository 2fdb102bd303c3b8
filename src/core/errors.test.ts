import { describe, expect, it } from 'vitest';
import { asFacePrivacyError, FacePrivacyError, fromErrorReport, toErrorReport } from './errors.ts';

describe('FacePrivacyError', () => {
  it('keeps code and details across a thread boundary', () => {
    const error = new FacePrivacyError('ERR_ASSET_INTEGRITY', 'no', { details: { file: 'a.onnx' } });
    const copy = fromErrorReport(structuredClone(toErrorReport(error, 'ERR_UNSUPPORTED')));
    expect(copy).toBeInstanceOf(FacePrivacyError);
    expect(copy).toMatchObject({ code: 'ERR_ASSET_INTEGRITY', message: 'no', details: { file: 'a.onnx' } });
  });

  it('wraps anything else with the fallback code, and itself not at all', () => {
    const inner = new RangeError('deep');
    const wrapped = asFacePrivacyError(inner, 'ERR_WORKER_LOST');
    expect(wrapped).toMatchObject({ code: 'ERR_WORKER_LOST', message: 'RangeError: deep', cause: inner });
    expect(asFacePrivacyError(wrapped, 'ERR_UNSUPPORTED')).toBe(wrapped);
    expect(toErrorReport('text', 'ERR_UNSUPPORTED').message).toBe('text');
  });
});
