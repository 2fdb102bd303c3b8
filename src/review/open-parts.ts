import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import { isObject } from '../core/options.ts';
import { LedgerClock } from '../governance/consent/ledger-clock.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import { importPublicKey } from '../governance/consent/proof.ts';
import { openTabs } from '../governance/consent/tabs.ts';
import { openConsentStore } from '../vault/consent-store.ts';
import { OriginalsStore } from '../vault/originals-store.ts';
import { RecordingStore } from '../vault/recording-store.ts';
import { ReviewStore } from '../vault/review-store.ts';
import { withVaultLock } from '../vault/vault-lock.ts';
import { consentOf } from './review-consent.ts';
import { reviewChannelOf } from './review-tabs.ts';
import type { ReviewParts } from './ports.ts';
import type { ReviewSetup, ReviewWorkerEvent } from './protocol.ts';

/** What the worker opened. */
export interface OpenedParts extends ReviewParts {
  /** Called when anything may have changed, in this tab or another. */
  onChange: () => void;
  /** Called once when a database is taken away. */
  onLost: () => void;
  close(): void;
}

/** Opens everything that is judged by, in this thread. To be called before the network is shut: the line to other tabs is opened here. @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_CONSENT_NOTICE. */
export async function openParts({ notice, trust, databases }: ReviewSetup, tell: (event: ReviewWorkerEvent) => void): Promise<OpenedParts> {
  const undo: (() => void)[] = [];
  const opened = <T extends { close(): void }>(it: T): T => {
    undo.unshift(() => { it.close(); });
    return it;
  };
  try {
    const trustedKeys = await Promise.all(trust.keys.map(async ({ publicKey, ...key }) => ({ ...key, publicKey: await importPublicKey(publicKey) })));
    const store = opened(await openConsentStore(databases.consent));
    const clock = new LedgerClock(Date.now);
    const tabs = opened(openTabs(store.name));
    const ledger = opened(await ConsentLedger.open({ store, key: await store.deviceKey(), clock, tabs, origin: location.origin, exceptions: [] }, notice));
    const recordings = opened(await RecordingStore.open(databases.recordings));
    const originals = opened(await OriginalsStore.open(databases.originals));
    const additions = opened(await ReviewStore.open(databases.review));
    const channel = opened(new BroadcastChannel(reviewChannelOf(databases.review)));
    const over = new AbortController();
    undo.unshift(() => { over.abort(); });
    const consent = consentOf(ledger, clock);
    const parts: OpenedParts = {
      consent,
      recordings,
      originals,
      additions,
      trust: { trustedKeys, audience: trust.audience, approvalsNeeded: trust.approvalsNeeded },
      exclusively: (work) => withVaultLock(`review:${databases.review}`, work),
      tell,
      tellChange: (recordingId) => {
        tell({ kind: 'change', data: { recordingId } });
        channel.postMessage({ recordingId });
      },
      onChange: () => undefined,
      onLost: () => undefined,
      close: () => { for (const step of undo) step(); },
    };
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const recordingId = isObject(data) && typeof data['recordingId'] === 'string' ? data['recordingId'] : null;
      tell({ kind: 'change', data: { recordingId } });
      parts.onChange();
    };
    consent.onChange(() => {
      tell({ kind: 'change', data: { recordingId: null } });
      parts.onChange();
    }, over.signal);
    ledger.addEventListener('incident', ({ detail }) => { tell({ kind: 'incident', data: detail }); }, { signal: over.signal });
    for (const [name, each] of Object.entries({ recordings, originals, additions })) each.onLost = () => { lose(parts, name); };
    return parts;
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
}

/** Nothing more can be judged: what is seen ends, and so does the desk. */
function lose(parts: OpenedParts, name: string): void {
  const { onLost } = parts;
  parts.onLost = () => undefined;
  onLost();
  const error = new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser took away what the review goes by: deleted, evicted, or opened by a newer version.', { details: { field: name, reason: 'lost' } });
  const tell = (): void => { parts.tell({ kind: 'error', data: toErrorReport(error, 'ERR_STORAGE_FAILED') }); };
  parts.consent.report({ kind: 'storage-lost', about: name }).then(tell, tell);
}
