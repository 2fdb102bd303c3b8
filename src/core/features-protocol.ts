import type { ErrorReport } from './errors.ts';
import type { FaceCrop } from './face-crop.ts';
import type { Box } from './geometry.ts';
import type { Reply, StopReport, VerifiedAsset } from './protocol.ts';
import type { Microseconds, Milliseconds } from './time.ts';

/** Why a claim on a track is over. Closed. */
export type ClaimEndReason =
  | 'released' // the app ended it
  | 'consent-ended'
  | 'face-lost'
  | 'faces-merged' // two tracks of one place were joined
  | 'faces-crossed' // another face came so close that they may have changed places
  | 'doubtful-motion' // the sighting may be of a neighbour
  | 'another-face' // the embedder sees another person than before
  | 'source-changed'
  | 'session-closed';

/** Messages on the crop port, from the redaction worker to the features worker. One crop is on its way at most. */
export type CropMessage =
  | { readonly kind: 'crop'; readonly claimId: string; readonly trackId: number; readonly timestampUs: Microseconds; readonly crop: FaceCrop }
  | { readonly kind: 'ended'; readonly claimId: string; readonly reason: ClaimEndReason };

/** And back. `taken`: room for one more crop. `doubt`: this is another face than before; the claim has to end. */
export type CropReply = { readonly kind: 'taken' } | { readonly kind: 'doubt' };

/** What the redaction worker is asked for a claim; `port` is transferred and carries {@link CropMessage}. */
export interface ClaimRequest {
  readonly claimId: string;
  /** Null: the only face in the picture. */
  readonly trackId: number | null;
  readonly port: MessagePort;
}

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

/** Where a face to look at comes from: a live claim, or a still picture, which the worker decodes. */
export type ProbeRequest =
  | { readonly kind: 'claim'; readonly claimId: string; readonly timeoutMs: Milliseconds }
  | { readonly kind: 'picture'; readonly pictureId: string; readonly picture: Blob | ImageBitmap };

/** A protected template as it is kept: AES-GCM over the bit string; nothing of it is readable without the key (ISO/IEC 24745). */
export interface SealedTemplate {
  readonly templateId: string;
  readonly galleryId: string;
  /** Of the template's layout. */
  readonly version: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

/** The keys of one gallery: both `CryptoKey`s that cannot be exported. */
export interface GalleryKeys {
  /** HMAC or AES key from which the projection is drawn: without it a template tells nothing. */
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

/**
 * The control plane of the features worker (Comlink). Pictures and crops go in, no vector comes out but by `extract`. Calls
 * answer with a {@link Reply} and never throw.
 */
export interface FeaturesWorkerApi {
  /** Compiles the runtime, loads embedder and detector, runs the self-test and shuts the network. Once. */
  load(assets: readonly VerifiedAsset[], events: MessagePort): Promise<Reply<FeaturesLoadReport>>;
  /** Crops of this claim come by the port. */
  openClaim(claimId: string, port: MessagePort): Promise<Reply<void>>;
  closeClaim(claimId: string): Promise<Reply<void>>;
  /** The raw vector, 128 floats, for the purpose `feature-extraction` alone; the worker's own copy is overwritten. */
  extract(probe: ProbeRequest): Promise<Reply<Float32Array<ArrayBuffer>>>;
  /** Takes keys and rows into memory. Rows that do not open are named, the others serve. */
  openGallery(galleryId: string, keys: GalleryKeys, rows: readonly SealedTemplate[]): Promise<Reply<{ readonly broken: readonly string[] }>>;
  closeGallery(galleryId: string): Promise<Reply<void>>;
  /** Merges `samples` good views of one face into a template and answers it sealed; it can be compared with from then on. */
  enrol(galleryId: string, templateId: string, probes: readonly ProbeRequest[], samples: number): Promise<Reply<SealedTemplate>>;
  forget(galleryId: string, templateIds: readonly string[]): Promise<Reply<void>>;
  verify(galleryId: string, templateId: string, probe: ProbeRequest): Promise<Reply<Comparison>>;
  /** The most alike, best first, at most `limit`. */
  identify(galleryId: string, probe: ProbeRequest, limit: number): Promise<Reply<readonly Comparison[]>>;
  /** Finds and embeds all faces of a picture that may be grouped. */
  readPicture(galleryId: string, probe: Extract<ProbeRequest, { kind: 'picture' }>): Promise<Reply<readonly AlbumFaceReport[]>>;
  /** Groups of template ids, by the protected templates in memory; `together` and `apart` are the person's own corrections. */
  group(galleryId: string, together: readonly (readonly [string, string])[], apart: readonly (readonly [string, string])[]): Promise<Reply<readonly (readonly string[])[]>>;
  /** Overwrites and forgets everything. Idempotent. */
  stop(): Promise<Reply<StopReport>>;
}
