import { canonicalJson } from '../core/canonical-json.ts';
import type { FileCheckReport } from '../core/file-redaction-protocol.ts';
import { ZipWriter } from '../core/zip-writer.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { RedactionManifest } from '../governance/manifest/manifest.ts';
import { createSharingReceipt, type SharingReceipt } from '../governance/sharing/sharing-receipt.ts';
import { BUNDLE_FILES, fileFor } from './open-bundle.ts';

/** @internal What a receipt says besides what is in the bundle. */
export interface BundleTerms {
  readonly grant: ConsentGrant;
  readonly recordingId: string;
  readonly recipient: Readonly<Record<string, string>>;
  readonly purpose: string;
  readonly report: FileCheckReport;
}

/** @internal Packs a redacted video with its manifest and a receipt: all stored as they are, so that nothing has to be unpacked to verify it. */
export async function packBundle(
  { media, manifest }: { readonly media: Blob; readonly manifest: RedactionManifest },
  { grant, recordingId, recipient, purpose, report }: BundleTerms,
): Promise<{ readonly bundle: Blob; readonly receipt: SharingReceipt }> {
  const context = ConsentGrant.context(grant);
  const sharedAt = context.now();
  const path = fileFor(manifest.media.mimeType);
  if (path === null) throw new TypeError(`A recording of type ${manifest.media.mimeType} cannot be shared.`);
  const zip = new ZipWriter(sharedAt);
  const files = [await zip.add(path, media), await zip.add(BUNDLE_FILES.manifest, new Blob([canonicalJson(manifest)]))];
  const { frames, insideCovers, engine } = report;
  const receipt = await createSharingReceipt(
    {
      sharedAt,
      origin: location.origin,
      recordingId,
      manifestId: manifest.manifestId,
      controller: { ...context.notice.controller.name },
      recipient: { ...recipient },
      purpose,
      consentRecordId: grant.recordId,
      exception: grant.exception,
      noticeHash: grant.noticeHash,
      check: { frames, insideCovers, engine },
      files,
    },
    (statement) => context.sign(statement),
  );
  await zip.add(BUNDLE_FILES.receipt, new Blob([canonicalJson(receipt)]));
  return { bundle: zip.finish(), receipt };
}
