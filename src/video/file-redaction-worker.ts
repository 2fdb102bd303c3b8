import { expose } from 'comlink';
import { isPolicyEnforced, sealEgress } from '../assets/egress-seal.ts';
import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { FileCheckRequest, FileRequest, FileWorkerApi, FileWorkerEvent } from '../core/file-redaction-protocol.ts';
import type { PipelineSettings, Reply } from '../core/protocol.ts';
import { answer } from '../threads/answer.ts';
import { createFaceFinder, type FaceFinder } from './detection/face-finder.ts';
import type { FaceDetector } from './detection/face-detector.ts';
import { checkVideoFile } from './file-check.ts';
import { FileClock, redactVideoFile, type FileRedactorParts } from './file-redactor.ts';
import type { DetectorFactory } from './redaction-worker.ts';

const HEARTBEAT_MS = 500;

/** Everything that exists once `load` has succeeded. */
interface Loaded {
  readonly detector: FaceDetector;
  readonly finder: FaceFinder;
  readonly clock: FileClock;
}

/** The worker that redacts video files: it decodes, searches, covers and encodes; what leaves it is encoded and redacted. */
export class FileRedactionWorker implements FileWorkerApi {
  readonly #createDetector: DetectorFactory;
  readonly #stopped = new AbortController();
  readonly #selfTests = new Map<string, { passed: number; failed: number }>();
  #events: MessagePort | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #loaded: Loaded | null = null;
  #working: Promise<unknown> = Promise.resolve();

  constructor(createDetector: DetectorFactory) {
    this.#createDetector = createDetector;
  }

  load(...[assets, settings, events]: Parameters<FileWorkerApi['load']>): ReturnType<FileWorkerApi['load']> {
    return answer('ERR_WORKER_START', async () => {
      if (this.#events !== null) throw new FacePrivacyError('ERR_WORKER_START', 'load() was called twice.');
      this.#events = events;
      this.#heartbeat = setInterval(() => { this.#tell({ kind: 'heartbeat' }); }, HEARTBEAT_MS);
      this.#tell({ kind: 'heartbeat' });
      // Before the seal listens for violations, of which this is a wanted one.
      const cspEnforced = await isPolicyEnforced();
      const detector = await this.#createDetector(new Map(assets.map(({ file, bytes }) => [file, bytes])), settings.detection);
      this.#loaded = { detector, ...this.#createFinder(detector, settings) };
      sealEgress((incident) => { this.#tell({ kind: 'incident', data: toErrorReport(incident, 'ERR_EGRESS_BLOCKED') }); });
      // A blind engine would cover every frame whole: better no file than that.
      if (!(await this.#loaded.finder.selfTest())) throw new FacePrivacyError('ERR_SELF_TEST_FAILED', 'The detector did not find the face of the known picture.');
      return { cspEnforced };
    });
  }

  redact(request: FileRequest): ReturnType<FileWorkerApi['redact']> {
    return this.#work(async (parts) => {
      const done = await redactVideoFile(request, parts);
      const selfTests = [...this.#selfTests].map(([model, sum]) => ({ model, ...sum }));
      return { ...done, selfTests };
    });
  }

  check(request: FileCheckRequest): ReturnType<FileWorkerApi['check']> {
    return this.#work((parts) => checkVideoFile(request, parts));
  }

  stop(): ReturnType<FileWorkerApi['stop']> {
    return answer('ERR_WORKER_LOST', async () => {
      this.#stopped.abort();
      await this.#working;
      clearInterval(this.#heartbeat);
      this.#loaded?.finder.close();
      return { openFrames: 0 };
    });
  }

  #work<T extends object>(task: (parts: FileRedactorParts) => Promise<T>): Promise<Reply<T & { readonly engine: FaceDetector['engine'] }>> {
    const work = answer('ERR_MEDIA_INVALID', async () => {
      if (this.#loaded === null) throw new FacePrivacyError('ERR_WORKER_START', 'The worker is not loaded.');
      const { detector, finder, clock } = this.#loaded;
      // Nothing that was seen in another file says anything of this one.
      finder.forget();
      clock.startFile();
      const done = await task({ finder, clock, signal: this.#stopped.signal, onProgress: (data) => { this.#tell({ kind: 'progress', data }); } });
      return { ...done, engine: detector.engine };
    });
    this.#working = work;
    return work;
  }

  #createFinder(detector: FaceDetector, { detection }: PipelineSettings): { readonly finder: FaceFinder; readonly clock: FileClock } {
    const clock = new FileClock();
    const finder = createFaceFinder({
      detector,
      settings: detection,
      now: () => clock.now(),
      onSelfTest: ({ passed, model }) => {
        const sum = this.#selfTests.get(model) ?? { passed: 0, failed: 0 };
        if (passed) sum.passed += 1;
        else sum.failed += 1;
        this.#selfTests.set(model, sum);
      },
    });
    return { finder, clock };
  }

  #tell(event: FileWorkerEvent): void {
    this.#events?.postMessage(event);
  }
}

/** Exposes the worker's control plane; the one thing a worker entry does. */
export function exposeFileRedactionWorker(createDetector: DetectorFactory): void {
  const worker = new FileRedactionWorker(createDetector);
  // A listed surface: Comlink would expose every property of the class.
  const api: FileWorkerApi = {
    load: (...args) => worker.load(...args),
    redact: (request) => worker.redact(request),
    check: (request) => worker.check(request),
    stop: () => worker.stop(),
  };
  expose(api);
}
