import type { ClaimEndReason } from './claim-protocol.ts';
import type { ErrorReport } from './errors.ts';
import type { Box } from './geometry.ts';
import type { Reply, StopReport, VerifiedAsset } from './protocol.ts';
import type { EpochMs, Milliseconds } from './time.ts';

/** One call of the embedder: ids and times, no pixels, no vector (TAF-5.3d). */
export interface EmbedderCall {
  readonly sequence: number;
  readonly atMs: Milliseconds;
  /** Claim or picture that the crop came from. */
  readonly origin: { readonly kind: 'claim'; readonly claimId: string; readonly trackId: number } | { readonly kind: 'picture'; readonly pictureId: string };
}

/** What the quality gate asks of a face, in the order in which it asks. */
export const QUALITY_CHECKS = ['one-face', 'confidence', 'size', 'frame', 'yaw', 'pitch', 'roll', 'exposure', 'contrast', 'sharpness'] as const;

/** One of {@link QUALITY_CHECKS}. */
export type QualityCheck = (typeof QUALITY_CHECKS)[number];

/** One check that a face failed: by how much, so that a page can guide the person. */
export interface QualityFault {
  readonly check: QualityCheck;
  readonly value: number;
  /** The bound that was missed. */
  readonly limit: number;
  /** The unit of both: `px`, `degrees`, `share`, `count`, `level`. */
  readonly unit: 'px' | 'degrees' | 'share' | 'count' | 'level';
  /** `more`: the value has to grow; `less`: to shrink. */
  readonly wanted: 'more' | 'less';
}

/** What the gate says of one face. */
export interface QualityReport {
  readonly passed: boolean;
  readonly faults: readonly QualityFault[];
}

/** Where a face to look at comes from: a live claim, or a still picture, which the worker decodes. `requestId`: see `cancel`. */
export type ProbeRequest =
  | { readonly kind: 'claim'; readonly requestId: string; readonly claimId: string; readonly timeoutMs: Milliseconds }
  | { readonly kind: 'picture'; readonly requestId: string; readonly pictureId: string; readonly picture: Blob | ImageBitmap };

/** A protected template as it is kept: AES-GCM over the bit string; nothing of it is readable without the key (ISO/IEC 24745). */
export interface SealedTemplate {
  readonly templateId: string;
  readonly galleryId: string;
  /** Of the template's layout. */
  readonly version: number;
  /** When consent for it ends; it is not used from then on. Bound to the ciphertext, like the ids and the version. */
  readonly expiresAt: EpochMs;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

/** A row that could not be opened. */
export interface BrokenTemplate {
  readonly templateId: string;
  readonly code: 'ERR_TEMPLATE_INVALID' | 'ERR_VAULT_INTEGRITY';
}

/** The keys of one gallery: both `CryptoKey`s that cannot be exported. */
export interface GalleryKeys {
  /** AES-CTR: the projection is drawn from its keystream; without it a template tells nothing. */
  readonly projection: CryptoKey;
  /** AES-GCM: seals templates at rest. */
  readonly sealing: CryptoKey;
}

/** How alike two faces are, by their protected templates. */
export interface Comparison {
  readonly templateId: string;
  /** 0 to 1: share of equal bits. */
  readonly score: number;
  /** `score` from which on two faces count as one person, and the rate of false accepts that was measured for it. */
  readonly threshold: number;
  readonly match: boolean;
}

/** What the features worker says on its own. */
export type FeaturesEvent =
  | { readonly kind: 'embedded'; readonly data: EmbedderCall }
  | { readonly kind: 'quality'; readonly data: { readonly origin: EmbedderCall['origin']; readonly report: QualityReport } }
  /** A good view of the face for template `templateId` was taken; `wanted` in all. */
  | { readonly kind: 'sample'; readonly data: { readonly templateId: string; readonly taken: number; readonly wanted: number } }
  | { readonly kind: 'claim-ended'; readonly data: { readonly claimId: string; readonly reason: ClaimEndReason } }
  | { readonly kind: 'error'; readonly data: ErrorReport }
  | { readonly kind: 'incident'; readonly data: ErrorReport };

/** What the features worker found out about itself while loading. */
export interface FeaturesLoadReport {
  readonly engine: 'wasm' | 'webgpu' | 'fake';
  readonly threads: number;
  readonly cspEnforced: boolean;
  readonly loadMs: Milliseconds;
}

/** One face of an album picture (TEN-face-info). The feature is protected and stays in the worker. */
export interface AlbumFaceReport {
  /** Random. */
  readonly faceId: string;
  /** Display pixels of the upright picture. */
  readonly box: Box;
  /** Clockwise, degrees, in the picture's plane. */
  readonly rotationDeg: number;
  readonly template: SealedTemplate;
}

/** What is known of the faces of an album before they are grouped; ids of templates. */
export interface GroupRequest {
  /** For `cancel`. */
  readonly requestId: string;
  /** Groups as they stand: those of two and more only grow, so that nothing is reshuffled by what is added. */
  readonly standing: readonly (readonly string[])[];
  /** Said by the person to be two; the groups of which they are are never joined. */
  readonly apart: readonly (readonly [string, string])[];
}

/**
 * The control plane of the features worker (Comlink). Pictures and crops go in, no vector comes out but by `extract`. Calls
 * answer with a {@link Reply} and never throw.
 */
export interface FeaturesWorkerApi {
  /** Compiles the runtime, loads embedder and detector, runs the self-test and shuts the network. Once. */
  load(assets: readonly VerifiedAsset[], events: MessagePort): Promise<Reply<FeaturesLoadReport>>;
  /** Crops of this claim come by the port. */
  openClaim(claimId: string, port: MessagePort): Promise<Reply<void>>;
  closeClaim(claimId: string, reason: ClaimEndReason): Promise<Reply<void>>;
  /** The raw vector, 128 floats, for the purpose `feature-extraction` alone; the worker's own copy is overwritten. */
  extract(probe: ProbeRequest): Promise<Reply<Float32Array<ArrayBuffer>>>;
  /**
   * Takes keys and rows into memory, in place of what was there of this gallery. Rows that do not open are named with the
   * code of their fault, the others serve.
   */
  openGallery(galleryId: string, keys: GalleryKeys, rows: readonly SealedTemplate[]): Promise<Reply<{ readonly broken: readonly BrokenTemplate[] }>>;
  closeGallery(galleryId: string): Promise<Reply<void>>;
  /**
   * Merges good views of one face (`samples` of a claim, one a picture) into a template and answers it sealed; it can be
   * compared with from then on.
   */
  enrol(galleryId: string, templateId: string, probes: readonly ProbeRequest[], samples: number, expiresAt: EpochMs): Promise<Reply<SealedTemplate>>;
  forget(galleryId: string, templateIds: readonly string[]): Promise<Reply<void>>;
  verify(galleryId: string, templateId: string, probe: ProbeRequest): Promise<Reply<Comparison>>;
  /** The most alike, best first, at most `limit`. */
  identify(galleryId: string, probe: ProbeRequest, limit: number): Promise<Reply<readonly Comparison[]>>;
  /** Finds and embeds all faces of a picture that may be grouped. */
  readPicture(galleryId: string, probe: Extract<ProbeRequest, { kind: 'picture' }>, expiresAt: EpochMs): Promise<Reply<readonly AlbumFaceReport[]>>;
  /** Groups of template ids, by the protected templates in memory; groups, and the ids in each, in the order in which they were added. */
  group(galleryId: string, request: GroupRequest): Promise<Reply<readonly (readonly string[])[]>>;
  /** Ends what waits for a face under this `requestId` with ERR_ABORTED. */
  cancel(requestId: string): Promise<Reply<void>>;
  /** Overwrites and forgets everything. Idempotent. */
  stop(): Promise<Reply<StopReport>>;
}
