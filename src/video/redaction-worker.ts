import { expose, transfer } from 'comlink';
import { isPolicyEnforced, sealEgress } from '../assets/egress-seal.ts';
import { asFacePrivacyError, FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { DetectionSettings, PictureReply, PictureRequest, PipelineSettings, RedactionWorkerApi, Reply, VerifiedAsset, WorkerEvent } from '../core/protocol.ts';
import type { RedactedFrame } from '../core/redacted.ts';
import { knowCompiled } from '../inference/onnx-runtime.ts';
import { answer } from '../threads/answer.ts';
import type { FaceDetector } from './detection/face-detector.ts';
import { createFaceFinder, type FaceFinder } from './detection/face-finder.ts';
import { openReader, openWriter, type FrameReader, type FrameWriter } from './frame-ports.ts';
import { FrameStats } from './frame-stats.ts';
import { Pipeline, type PipelineOutput } from './pipeline.ts';
import { redactPicture } from './picture-pipeline.ts';
import { createCompositorSet, type CompositorSet } from './redaction/choose-compositor.ts';

const HEARTBEAT_MS = 500;

/** Makes the engine of this worker from the verified files. */
export type DetectorFactory = (assets: ReadonlyMap<string, ArrayBuffer>, settings: DetectionSettings) => Promise<FaceDetector>;

/** What a worker entry brings along; tests bring their own. */
export interface WorkerParts {
  readonly createDetector: DetectorFactory;
  readonly createCompositors?: (settings: PipelineSettings) => CompositorSet | Promise<CompositorSet>;
}

/** Everything that exists once `load` has succeeded. */
interface Loaded {
  readonly pipeline: Pipeline;
  readonly detector: FaceDetector;
  readonly finder: FaceFinder;
  readonly settings: PipelineSettings;
  readonly stats: FrameStats;
  readonly heartbeat: ReturnType<typeof setInterval>;
}

/** The redaction worker: loads, seals itself, and runs frames from intake to outlet. */
export class RedactionWorker implements RedactionWorkerApi {
  readonly #parts: WorkerParts;
  #events: MessagePort | null = null;
  #loaded: Loaded | null = null;
  #stopped = false;
  #reader: FrameReader | null = null;
  #writer: FrameWriter | null = null;
  #running: Promise<void> = Promise.resolve();
  #picture: Promise<unknown> = Promise.resolve();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  load(assets: readonly VerifiedAsset[], settings: PipelineSettings, events: MessagePort): ReturnType<RedactionWorkerApi['load']> {
    return answer('ERR_WORKER_START', async () => {
      if (this.#events !== null) throw new FacePrivacyError('ERR_WORKER_START', 'load() was called twice.');
      this.#events = events;
      const heartbeat = setInterval(() => {
        this.#tell({ kind: 'heartbeat' });
      }, HEARTBEAT_MS);
      this.#tell({ kind: 'heartbeat' });
      const startedMs = performance.now();
      try {
        // Before the seal listens for violations, of which this is a wanted one.
        const cspEnforced = await isPolicyEnforced();
        for (const { bytes, compiled } of assets) if (compiled !== undefined) knowCompiled(bytes, compiled);
        const detector = await this.#parts.createDetector(new Map(assets.map(({ file, bytes }) => [file, bytes])), settings.detection);
        const stats = new FrameStats(() => performance.now());
        const finder = this.#createFinder(detector, settings.detection);
        // Warms the engine up, too. A failure is told as an event and covers every frame until it passes.
        await finder.selfTest();
        const compositors = (await this.#parts.createCompositors?.(settings)) ?? createCompositorSet(settings.compositor);
        const pipeline = this.#assemble(finder, compositors, settings, stats);
        this.#loaded = { pipeline, detector, finder, settings, stats, heartbeat };
        sealEgress((incident) => {
          this.#tell({ kind: 'incident', data: toErrorReport(incident, 'ERR_EGRESS_BLOCKED') });
        });
        return { engine: detector.engine, cspEnforced, loadMs: performance.now() - startedMs };
      } catch (error) {
        clearInterval(heartbeat);
        throw error;
      }
    });
  }

  setOutlet(outlet: Parameters<RedactionWorkerApi['setOutlet']>[0]): Promise<Reply<void>> {
    return answer('ERR_WORKER_START', async () => {
      this.#require();
      await this.#writer?.close();
      this.#writer = openWriter(outlet);
    });
  }

  setIntake(intake: Parameters<RedactionWorkerApi['setIntake']>[0]): Promise<Reply<void>> {
    return answer('ERR_WORKER_START', async () => {
      const { pipeline } = this.#require();
      const reader = openReader(intake);
      const before = this.#reader;
      pipeline.endClaim(null, 'source-changed');
      this.#reader = reader;
      await before?.cancel();
      const settled = this.#running;
      this.#running = settled.then(() => {
        pipeline.reset();
        return this.#run(reader);
      });
    });
  }

  setStyle(style: PipelineSettings['style']): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => {
      this.#require().pipeline.style = style;
    });
  }

  setPaused(paused: boolean): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => {
      const { pipeline } = this.#require();
      pipeline.paused = paused;
    });
  }

  redactPicture(request: PictureRequest): Promise<Reply<PictureReply>> {
    // One after the other: a detector answers one call at a time.
    const before = this.#picture;
    const reply = answer('ERR_DETECTOR_FAILED', async () => {
      await before;
      const { detector, finder, settings } = this.#require();
      return redactPicture(request, { detector, healthy: await finder.selfTest(), threshold: settings.detection.threshold, timeoutMs: settings.detection.timeoutMs });
    });
    this.#picture = reply;
    return reply.then((done) => (done.ok ? transfer(done, [done.value.bitmap]) : done));
  }

  claim(request: Parameters<RedactionWorkerApi['claim']>[0]): ReturnType<RedactionWorkerApi['claim']> {
    return answer('ERR_WORKER_LOST', () => this.#require().pipeline.claim(request));
  }

  endClaim(...[claimId, reason]: Parameters<RedactionWorkerApi['endClaim']>): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => {
      this.#require().pipeline.endClaim(claimId, reason);
    });
  }

  stop(): ReturnType<RedactionWorkerApi['stop']> {
    return answer('ERR_WORKER_LOST', async () => {
      const loaded = this.#loaded;
      if (this.#stopped || loaded === null) return { openFrames: 0 };
      this.#stopped = true;
      loaded.pipeline.endClaim(null, 'session-closed');
      const reader = this.#reader;
      this.#reader = null;
      await reader?.cancel();
      await this.#running;
      await this.#writer?.close();
      loaded.pipeline.close();
      await loaded.pipeline.claimsSettled();
      clearInterval(loaded.heartbeat);
      return { openFrames: loaded.pipeline.openFrames };
    });
  }

  #createFinder(detector: FaceDetector, settings: DetectionSettings): FaceFinder {
    return createFaceFinder({
      detector,
      settings,
      now: () => performance.now(),
      onSelfTest: ({ passed, model }) => {
        this.#tell({ kind: 'self-test', data: { passed, model } });
      },
      onFailure: (error) => {
        this.#tellError(error);
      },
    });
  }

  #assemble(finder: FaceFinder, compositors: CompositorSet, settings: PipelineSettings, stats: FrameStats): Pipeline {
    return new Pipeline({
      finder,
      compositors,
      settings,
      now: () => performance.now(),
      onError: (error) => {
        this.#tellError(error);
      },
      onStage: (stage, durationMs) => {
        stats.took(stage, durationMs);
      },
      onLooks: (count) => {
        stats.looked(count);
      },
      onClaimEnded: (data) => {
        this.#tell({ kind: 'claim', data });
      },
    });
  }

  /** Runs one source to its end or until another takes its place. Never rejects. */
  async #run(reader: FrameReader): Promise<void> {
    try {
      let isFirst = true;
      for (let frame = await reader.read(); frame !== null; frame = await reader.read()) {
        if (this.#reader === reader) await this.#pass(frame, isFirst);
        else frame.close();
        isFirst = false;
      }
    } catch (error) {
      this.#tellError(asFacePrivacyError(error, 'ERR_SOURCE_ENDED'));
    }
    if (this.#reader !== reader) return;
    this.#reader = null;
    await this.#write(await this.#require().pipeline.flush(), performance.now());
    this.#tell({ kind: 'ended', data: { by: 'source' } });
  }

  /** The first frame of a source is covered whole whatever it holds, so what comes out does not wait for the search, which has the models sized for it. */
  async #pass(frame: VideoFrame, isFirst: boolean): Promise<void> {
    const { pipeline, stats } = this.#require();
    const arrivedMs = performance.now();
    stats.arrived(frame.timestamp);
    try {
      const unseen = isFirst ? pipeline.coverUnseen(frame) : null;
      if (unseen !== null) await this.#send(unseen, true, arrivedMs);
      const outputs = await pipeline.processFrame(frame);
      if (unseen === null) await this.#write(outputs, arrivedMs);
      else outputs.forEach((output) => { this.#tellUnseen(output); });
    } catch (error) {
      this.#tellError(asFacePrivacyError(error, 'ERR_FRAME_INVALID'));
    }
    const report = stats.report(pipeline.openFrames);
    if (report !== null) this.#tell({ kind: 'stats', data: report });
  }

  async #write(outputs: readonly PipelineOutput[], arrivedMs: number): Promise<void> {
    for (const { frame, faces } of outputs) {
      await this.#send(frame, faces.whole !== null, arrivedMs);
      this.#tell({ kind: 'faces', data: faces });
    }
    if (this.#writer?.gone === true && !this.#stopped) this.#tell({ kind: 'ended', data: { by: 'outlet' } });
  }

  /** Takes the frame. */
  async #send(frame: RedactedFrame, isWhole: boolean, arrivedMs: number): Promise<void> {
    const { stats } = this.#require();
    const writer = this.#writer;
    const beforeMs = performance.now();
    const written = (await writer?.write(frame)) ?? false;
    if (writer === null) frame.close();
    stats.took('write', performance.now() - beforeMs);
    stats.left(performance.now() - arrivedMs, isWhole, written);
  }

  /** What the search made of a frame whose cover is out already. Takes the frame. */
  #tellUnseen({ frame, faces }: PipelineOutput): void {
    frame.close();
    this.#tell({ kind: 'faces', data: { ...faces, faces: [], whole: faces.whole ?? 'starting' } });
  }

  #require(): Loaded {
    if (this.#loaded === null) throw new FacePrivacyError('ERR_WORKER_START', 'The worker is not loaded.');
    return this.#loaded;
  }

  #tell(event: WorkerEvent): void {
    this.#events?.postMessage(event);
  }

  #tellError(error: FacePrivacyError): void {
    this.#tell({ kind: 'error', data: toErrorReport(error, error.code) });
  }
}

/** Exposes the worker's control plane; the one thing a worker entry does. */
export function exposeRedactionWorker(parts: WorkerParts): void {
  const worker = new RedactionWorker(parts);
  // A listed surface: Comlink would expose every property of the class.
  const api: RedactionWorkerApi = {
    load: (...args) => worker.load(...args),
    setIntake: (intake) => worker.setIntake(intake),
    setOutlet: (outlet) => worker.setOutlet(outlet),
    setStyle: (style) => worker.setStyle(style),
    setPaused: (paused) => worker.setPaused(paused),
    redactPicture: (request) => worker.redactPicture(request),
    claim: (request) => worker.claim(request),
    endClaim: (claimId, reason) => worker.endClaim(claimId, reason),
    stop: () => worker.stop(),
  };
  expose(api);
}
