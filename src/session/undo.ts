import { FacePrivacyError } from '../core/errors.ts';

/** @internal Takes back what a start has done, last step first. A step that fails does not keep the others from being taken. */
export class Undo {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** @returns the error that the start failed with, to be thrown; what could not be taken back is its cause. */
  async all(error: unknown): Promise<unknown> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length === 0 || !(error instanceof FacePrivacyError)) return error;
    return new FacePrivacyError(error.code, error.message, { details: error.details, cause: new AggregateError([error, ...failures], 'It failed, and not everything could be taken back.') });
  }
}
