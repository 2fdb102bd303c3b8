export { shareRecording, ExportRefusedError, type SharedRecording, type ShareOptions, type ShareProgress } from './recordings/share-recording.ts';
export { openBundle, type BundleVerdict, type OpenBundleOptions, type OpenedBundle } from './recordings/open-bundle.ts';
export { verifySharingReceipt, type SharedFile, type SharingCheck, type SharingContent, type SharingReceipt } from './governance/sharing/sharing-receipt.ts';
export type { FileProgress, FixedRegion, UncoveredFace } from './core/file-redaction-protocol.ts';
export type { FileAssetOptions } from './recordings/file-host.ts';
