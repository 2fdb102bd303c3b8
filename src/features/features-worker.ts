import { expose, transfer } from 'comlink';
import { isPolicyEnforced, sealEgress } from '../assets/egress-seal.ts';
import { SAME_PERSON_SCORE } from '../core/comparison-threshold.ts';
import { FacePrivacyError, toErrorReport, type ErrorCode } from '../core/errors.ts';
import type { FeaturesEvent, FeaturesWorkerApi, ProbeRequest } from '../core/features-protocol.ts';
import type { Reply, VerifiedAsset } from '../core/protocol.ts';
import { answer } from '../threads/answer.ts';
import type { Heartbeat } from '../threads/worker-host.ts';
import { groupTemplates } from './album-groups.ts';
import { readAlbumPicture } from './album-reader.ts';
import { Claims } from './claims.ts';
import type { Embedder, FaceVector } from './embedder.ts';
import { assertWanted, FaceViews, overwrite } from './face-views.ts';
import { LoggedEmbedder } from './logged-embedder.ts';
import { meanOf } from './mean-vector.ts';
import { OpenGallery, scoreOf } from './open-gallery.ts';
import { hammingDistance } from './packed-search.ts';
import type { PictureSearcher } from './picture-searcher.ts';

const HEARTBEAT_MS = 500;

type Assets = ReadonlyMap<string, ArrayBuffer>;

/** What a worker entry brings along; tests bring their own. */
export interface FeaturesWorkerParts {
  readonly createEmbedder: (assets: Assets) => Promise<Embedder>;
  readonly createSearcher: (assets: Assets) => Promise<PictureSearcher>;
}

/** Everything that exists once `load` has succeeded. */
interface Loaded {
  readonly embedder: LoggedEmbedder;
  readonly searcher: PictureSearcher;
  readonly claims: Claims;
  readonly views: FaceViews;
  readonly heartbeat: ReturnType<typeof setInterval>;
}

/**
 * The features worker: loads, seals itself, and turns faces into protected templates and comparisons. It has no storage. A vector
 * exists in it for the time of one call; crops and pictures are overwritten as soon as they have been looked at.
 */
export class FeaturesWorker implements FeaturesWorkerApi {
  readonly #parts: FeaturesWorkerParts;
  readonly #galleries = new Map<string, OpenGallery>();
  readonly #requests = new Map<string, AbortController>();
  readonly #stopped = new AbortController();
  #events: MessagePort | null = null;
  #loaded: Loaded | null = null;

  constructor(parts: FeaturesWorkerParts) {
    this.#parts = parts;
  }

  load(assets: readonly VerifiedAsset[], events: MessagePort): ReturnType<FeaturesWorkerApi['load']> {
    return answer('ERR_WORKER_START', async () => {
      if (this.#events !== null) throw new FacePrivacyError('ERR_WORKER_START', 'load() was called twice.');
      this.#events = events;
      const heartbeat = setInterval(() => { this.#tell({ kind: 'heartbeat' }); }, HEARTBEAT_MS);
      this.#tell({ kind: 'heartbeat' });
      const startedMs = performance.now();
      try {
        // Before the seal listens for violations, of which this is a wanted one.
        const cspEnforced = await isPolicyEnforced();
        const files = new Map(assets.map(({ file, bytes }) => [file, bytes]));
        const embedder = await this.#parts.createEmbedder(files);
        const searcher = await this.#parts.createSearcher(files);
        this.#loaded = { ...(await this.#assemble(embedder, searcher)), heartbeat };
        sealEgress((incident) => { this.#tell({ kind: 'incident', data: toErrorReport(incident, 'ERR_EGRESS_BLOCKED') }); });
        return { engine: embedder.engine, threads: embedder.threads, cspEnforced, loadMs: performance.now() - startedMs };
      } catch (error) {
        clearInterval(heartbeat);
        throw error;
      }
    });
  }

  openClaim(claimId: string, port: MessagePort): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => { this.#require().claims.add(claimId, port); });
  }

  closeClaim(...[claimId, reason]: Parameters<FeaturesWorkerApi['closeClaim']>): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => { this.#require().claims.close(claimId, reason); });
  }

  async extract(probe: ProbeRequest): ReturnType<FeaturesWorkerApi['extract']> {
    const reply = await this.#run('ERR_EMBEDDER_FAILED', [probe], async (signal) => {
      const [vector] = await this.#require().views.take(probe, 1, signal);
      return vector!;
    });
    // Transferred: the worker's own copy is gone with it.
    return reply.ok ? transfer(reply, [reply.value.buffer]) : reply;
  }

  openGallery(...[galleryId, keys, rows]: Parameters<FeaturesWorkerApi['openGallery']>): ReturnType<FeaturesWorkerApi['openGallery']> {
    return answer('ERR_VAULT_INTEGRITY', async () => {
      this.#require();
      const gallery = await OpenGallery.open(galleryId, keys, rows);
      if (this.#stopped.signal.aborted) gallery.close();
      assertWanted(this.#stopped.signal);
      this.#galleries.get(galleryId)?.close();
      this.#galleries.set(galleryId, gallery);
      return { broken: gallery.broken };
    });
  }

  closeGallery(galleryId: string): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => {
      this.#galleries.get(galleryId)?.close();
      this.#galleries.delete(galleryId);
    });
  }

  enrol(...[galleryId, templateId, probes, samples, expiresAt]: Parameters<FeaturesWorkerApi['enrol']>): ReturnType<FeaturesWorkerApi['enrol']> {
    return this.#run('ERR_EMBEDDER_FAILED', probes, async (signal) => {
      const gallery = this.#gallery(galleryId);
      const wanted = probes.reduce((sum, { kind }) => sum + (kind === 'claim' ? samples : 1), 0);
      const vectors: FaceVector[] = [];
      let taken = 0;
      const onView = (): void => { this.#tell({ kind: 'sample', data: { templateId, taken: (taken += 1), wanted } }); };
      try {
        for (const probe of probes) vectors.push(...(await this.#require().views.take(probe, samples, signal, onView)));
        assertOnePerson(gallery, vectors);
        const merged = meanOf(vectors);
        const bits = gallery.protect(merged);
        overwrite([merged]);
        const sealed = await gallery.seal(templateId, bits, expiresAt);
        assertWanted(signal);
        // The gallery may have been opened anew or closed meanwhile.
        this.#gallery(galleryId).templates.put(templateId, bits);
        bits.fill(0);
        return sealed;
      } finally {
        overwrite(vectors);
      }
    });
  }

  forget(galleryId: string, templateIds: readonly string[]): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => { this.#galleries.get(galleryId)?.templates.delete(templateIds); });
  }

  verify(galleryId: string, templateId: string, probe: ProbeRequest): ReturnType<FeaturesWorkerApi['verify']> {
    return this.#compare(galleryId, probe, (gallery, bits) => gallery.compare(templateId, bits));
  }

  identify(galleryId: string, probe: ProbeRequest, limit: number): ReturnType<FeaturesWorkerApi['identify']> {
    return this.#compare(galleryId, probe, (gallery, bits) => gallery.search(bits, limit));
  }

  readPicture(...[galleryId, probe, expiresAt]: Parameters<FeaturesWorkerApi['readPicture']>): ReturnType<FeaturesWorkerApi['readPicture']> {
    return this.#run('ERR_PICTURE_INVALID', [probe], async (signal) => {
      const { views, embedder, searcher } = this.#require();
      const gallery = this.#gallery(galleryId);
      const embed: LoggedEmbedder['embed'] = (crops, origin) => embedder.embed(crops, origin);
      return views.alone(() => readAlbumPicture({ searcher, embed, gallery, signal }, probe, expiresAt));
    });
  }

  group(galleryId: string, request: Parameters<FeaturesWorkerApi['group']>[1]): ReturnType<FeaturesWorkerApi['group']> {
    return this.#run('ERR_TEMPLATE_INVALID', [request], (signal) => groupTemplates(this.#gallery(galleryId).templates.packed(), request, signal));
  }

  cancel(requestId: string): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', () => { this.#requests.get(requestId)?.abort(); });
  }

  stop(): ReturnType<FeaturesWorkerApi['stop']> {
    return answer('ERR_WORKER_LOST', async () => {
      const loaded = this.#loaded;
      if (this.#stopped.signal.aborted || loaded === null) return { openFrames: 0 };
      this.#stopped.abort(new FacePrivacyError('ERR_SESSION_CLOSED', 'The features worker is stopping.'));
      loaded.claims.closeAll();
      for (const gallery of this.#galleries.values()) gallery.close();
      this.#galleries.clear();
      await loaded.embedder.close();
      loaded.searcher.close();
      clearInterval(loaded.heartbeat);
      return { openFrames: 0 };
    });
  }

  async #assemble(embedder: Embedder, searcher: PictureSearcher): Promise<Omit<Loaded, 'heartbeat'>> {
    const logged = new LoggedEmbedder(embedder, (data) => { this.#tell({ kind: 'embedded', data }); });
    const claims = await Claims.open((claimId, reason) => { this.#tell({ kind: 'claim-ended', data: { claimId, reason } }); });
    const views = new FaceViews({ embedder: logged, searcher, claims, tell: (event) => { this.#tell(event); } });
    return { embedder: logged, searcher, claims, views };
  }

  /** Takes one view and compares it in protected form; the vector is gone before the answer is. */
  #compare<T>(galleryId: string, probe: ProbeRequest, compare: (gallery: OpenGallery, bits: ReturnType<OpenGallery['protect']>) => T): Promise<Reply<T>> {
    return this.#run('ERR_EMBEDDER_FAILED', [probe], async (signal) => {
      this.#gallery(galleryId);
      const vectors = await this.#require().views.take(probe, 1, signal);
      try {
        assertWanted(signal);
        const gallery = this.#gallery(galleryId);
        const bits = gallery.protect(vectors[0]!);
        const answered = compare(gallery, bits);
        bits.fill(0);
        return answered;
      } finally {
        overwrite(vectors);
      }
    });
  }

  /** Runs what can be cancelled by the ids of its requests, and ends with the worker. */
  #run<T>(fallbackCode: ErrorCode, requests: readonly { readonly requestId: string }[], work: (signal: AbortSignal) => Promise<T>): Promise<Reply<T>> {
    const cancelled = new AbortController();
    for (const { requestId } of requests) this.#requests.set(requestId, cancelled);
    return answer(fallbackCode, () => work(AbortSignal.any([cancelled.signal, this.#stopped.signal]))).finally(() => {
      for (const { requestId } of requests) this.#requests.delete(requestId);
    });
  }

  #gallery(galleryId: string): OpenGallery {
    const gallery = this.#galleries.get(galleryId);
    if (gallery === undefined) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The gallery is closed; open it again.');
    return gallery;
  }

  #require(): Loaded {
    assertWanted(this.#stopped.signal);
    if (this.#loaded === null) throw new FacePrivacyError('ERR_WORKER_START', 'The worker is not loaded.');
    return this.#loaded;
  }

  #tell(event: FeaturesEvent | Heartbeat): void {
    this.#events?.postMessage(event);
  }
}

/** @throws FacePrivacyError ERR_CLAIM_AMBIGUOUS when some view is of another person than the first. */
function assertOnePerson(gallery: OpenGallery, vectors: readonly FaceVector[]): void {
  const views = vectors.map((vector) => gallery.protect(vector));
  const alike = views.every((bits) => scoreOf(hammingDistance(views[0]!, bits)) >= SAME_PERSON_SCORE);
  for (const bits of views) bits.fill(0);
  if (!alike) throw new FacePrivacyError('ERR_CLAIM_AMBIGUOUS', 'The pictures show more than one person; enrol one person at a time.', { details: { field: 'probes' } });
}

/** Exposes the worker's control plane; the one thing a worker entry does. */
export function exposeFeaturesWorker(parts: FeaturesWorkerParts): void {
  const worker = new FeaturesWorker(parts);
  // A listed surface: Comlink would expose every property of the class.
  const api: FeaturesWorkerApi = {
    load: (...args) => worker.load(...args),
    openClaim: (...args) => worker.openClaim(...args),
    closeClaim: (...args) => worker.closeClaim(...args),
    extract: (probe) => worker.extract(probe),
    openGallery: (...args) => worker.openGallery(...args),
    closeGallery: (galleryId) => worker.closeGallery(galleryId),
    enrol: (...args) => worker.enrol(...args),
    forget: (...args) => worker.forget(...args),
    verify: (...args) => worker.verify(...args),
    identify: (...args) => worker.identify(...args),
    readPicture: (...args) => worker.readPicture(...args),
    group: (...args) => worker.group(...args),
    cancel: (requestId) => worker.cancel(requestId),
    stop: () => worker.stop(),
  };
  expose(api);
}
