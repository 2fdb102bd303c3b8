import { FacePrivacyError, toErrorReport, type ErrorCode } from '../core/errors.ts';
import type { Reply } from '../core/protocol.ts';

/** One of the files the worker was given. @throws FacePrivacyError ERR_ASSET_MISSING. */
export function fileOf(assets: ReadonlyMap<string, ArrayBuffer>, file: string): ArrayBuffer {
  const bytes = assets.get(file);
  if (bytes === undefined) throw new FacePrivacyError('ERR_ASSET_MISSING', `The worker was not given ${file}.`, { details: { file } });
  return bytes;
}

/** Runs a call of a worker's control plane; what it throws becomes a report that keeps its code. */
export async function answer<T>(fallbackCode: ErrorCode, work: () => T | Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toErrorReport(error, fallbackCode) };
  }
}
