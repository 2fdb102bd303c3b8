import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import { checkOptions, matching, type OptionRules } from '../core/options.ts';
import type { EpochMs } from '../core/time.ts';
import { readStoredZip } from '../core/zip-reader.ts';
import { verifyManifest, type RedactionManifest } from '../governance/manifest/manifest.ts';
import { verifySharingReceipt, type SharingReceipt } from '../governance/sharing/sharing-receipt.ts';

/** Names of the files in a bundle; the video's ends in its container. */
export const BUNDLE_FILES = Object.freeze({ webm: 'media.webm', mp4: 'media.mp4', manifest: 'manifest.json', receipt: 'receipt.json' } as const);

const MEDIA = { most: 2 ** 36, optional: true } as const;
/** Two hours of covers, told second by second, are half a megabyte. */
const CONTENTS = { [BUNDLE_FILES.webm]: MEDIA, [BUNDLE_FILES.mp4]: MEDIA, [BUNDLE_FILES.manifest]: { most: 8 * 1024 * 1024 }, [BUNDLE_FILES.receipt]: { most: 64 * 1024 } };

/** Options of {@link openBundle}. */
export interface OpenBundleOptions {
  /** Id of the key that must have signed; without it a bundle proves that nothing was changed, not who made it. */
  readonly keyId?: string;
  /** The web origin that must have made it; left out: whatever it names. */
  readonly origin?: string;
  /** Ends it with its reason. */
  readonly signal?: AbortSignal;
}

/** What was verified of a bundle. There is no verdict that says no: such a bundle is not opened. */
export interface BundleVerdict {
  readonly verified: true;
  /** The key that signed everything in it. */
  readonly keyId: string;
  /** Somebody from outside named the key: it is known who made it. */
  readonly keyExpected: boolean;
  readonly origin: string;
  readonly sharedAt: EpochMs;
}

/** A bundle that was verified as a whole. */
export interface OpenedBundle {
  /** The redacted video. */
  readonly media: Blob;
  readonly manifest: RedactionManifest;
  readonly receipt: SharingReceipt;
  readonly verdict: BundleVerdict;
}

const rules: OptionRules<OpenBundleOptions> = {
  keyId: matching('64 hexadecimal digits', (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
  origin: matching('a web origin', (value) => typeof value === 'string' && value !== ''),
  signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
};

/**
 * Opens what `shareRecording` made, in any browser and without network. Everything is verified before anything is handed out: the form of the
 * archive to the last byte, the signatures of receipt and manifest by one key, and that the video is the one that both speak of.
 * @throws TypeError for what is no Blob or option; FacePrivacyError ERR_BUNDLE_INVALID, `details.reason`: `not-an-archive`, `damaged`, `compressed`,
 * `encrypted`, `extra-entry`, `missing-entry`, `too-large` (of the archive), `receipt`, `manifest`, `media` (then `details.field` names what
 * does not hold), `key` or `origin` (it is somebody else's); what `signal` gives.
 */
export async function openBundle(bundle: Blob, options: OpenBundleOptions = {}): Promise<OpenedBundle> {
  if (!(bundle instanceof Blob)) throw new TypeError('openBundle: bundle must be a File or Blob.');
  checkOptions<OpenBundleOptions>('openBundle', options, rules);
  const { keyId, origin, signal } = options;
  signal?.throwIfAborted();
  const files = await readStoredZip(bundle, CONTENTS);
  const [manifestFile, receiptFile] = [files.get(BUNDLE_FILES.manifest)!, files.get(BUNDLE_FILES.receipt)!];
  const { path, packed } = mediaOf(files);
  const receipt = await verifySharingReceipt(parsed('receipt', await receiptFile.text()), { ...(origin === undefined ? {} : { origin }), ...(keyId === undefined ? {} : { keyId }) }).catch((error: unknown) => {
    throw failed('receipt', error);
  });
  const manifestText = await manifestFile.text();
  assertFile(receipt, BUNDLE_FILES.manifest, { bytes: manifestFile.size, sha256: await sha256Hex(manifestText) }, 'manifest');
  const named = parsed('manifest', manifestText);
  const manifest = await verifyManifest(named, packed, { origin: receipt.origin, keyId: receipt.proof.keyId, ...(signal === undefined ? {} : { signal }) }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw failed('manifest', error);
  });
  const { mimeType, bytes, sha256 } = manifest.media;
  assertFile(receipt, path, { bytes, sha256 }, 'media');
  if (receipt.files.length !== 2) throw invalid('receipt', 'files');
  if (receipt.manifestId !== manifest.manifestId) throw invalid('receipt', 'manifestId');
  if (receipt.check.frames !== manifest.media.frames) throw invalid('receipt', 'check.frames');
  if (fileFor(mimeType) !== path) throw invalid('media', 'mimeType');
  const verdict = { verified: true, keyId: receipt.proof.keyId, keyExpected: keyId !== undefined, origin: receipt.origin, sharedAt: receipt.sharedAt } as const;
  return Object.freeze({ media: packed.slice(0, packed.size, mimeType), manifest, receipt, verdict: Object.freeze(verdict) });
}

/** Name of a video of this MIME type in a bundle; null for what is none of ours. */
export function fileFor(mimeType: string): string | null {
  const container = /^video\/(webm|mp4)(?:;|$)/.exec(mimeType)?.[1];
  return container === undefined ? null : BUNDLE_FILES[container as 'webm' | 'mp4'];
}

/** Exactly one video. */
function mediaOf(files: ReadonlyMap<string, Blob>): { readonly path: string; readonly packed: Blob } {
  const found = [BUNDLE_FILES.webm, BUNDLE_FILES.mp4].flatMap((path) => {
    const packed = files.get(path);
    return packed === undefined ? [] : [{ path, packed }];
  });
  if (found.length === 1) return found[0]!;
  const reason = found.length === 0 ? 'missing-entry' : 'extra-entry';
  throw new FacePrivacyError('ERR_BUNDLE_INVALID', `The archive cannot be used (${reason}: media).`, { details: { reason, file: 'media' } });
}

/** To the last byte what was signed: no name twice, nothing between. */
function parsed(reason: 'receipt' | 'manifest', text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    if (canonicalJson(value) === text) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  throw invalid(reason, 'json');
}

function assertFile({ files }: SharingReceipt, path: string, found: { readonly bytes: number; readonly sha256: string }, reason: 'manifest' | 'media'): void {
  const named = files.filter((file) => file.path === path);
  if (named.length !== 1) throw invalid('receipt', 'files');
  if (named[0]!.bytes !== found.bytes) throw invalid(reason, 'bytes');
  if (named[0]!.sha256 !== found.sha256) throw invalid(reason, 'sha256');
}

function failed(reason: 'receipt' | 'manifest', error: unknown): FacePrivacyError {
  const { message, details } = asFacePrivacyError(error, 'ERR_BUNDLE_INVALID');
  const field = String(details['field'] ?? 'document');
  const told = field === 'origin' ? 'origin' : field === 'proof.keyId' && message.includes('expected') ? 'key' : field.startsWith('media.') ? 'media' : reason;
  return new FacePrivacyError('ERR_BUNDLE_INVALID', `The bundle cannot be trusted: ${message}`, { cause: error, details: { reason: told, field } });
}

function invalid(reason: 'receipt' | 'manifest' | 'media', field: string): FacePrivacyError {
  return new FacePrivacyError('ERR_BUNDLE_INVALID', `The bundle cannot be trusted: ${field} of its ${reason} does not hold.`, { details: { reason, field } });
}
