import { transfer } from 'comlink';
import type { CaptureWatch } from './capture-watch.ts';
import type { ClaimEndReason, ClaimRequest, ClaimStarted } from '../core/claim-protocol.ts';
import type { LoadReport, PipelineSettings } from '../core/protocol.ts';
import type { TrackOutlet } from '../core/redacted-track.ts';
import type { RedactionStyle } from '../core/redaction.ts';
import type { VisibleIndicator } from '../core/visible-indicator.ts';
import type { RedactionHost } from './engine.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import { channelOf, type Adapter, type FrameSource } from '../video/camera/adapters.ts';
import type { SourceOptions } from '../video/camera/frame-source.ts';

/** @internal What a claim needs of a session. */
export interface ClaimDesk {
  readonly grant: ConsentGrant;
  readonly requestId: string;
  /** **Takes** the port. @throws FacePrivacyError ERR_CLAIM_AMBIGUOUS, ERR_SESSION_CLOSED, ERR_WORKER_LOST. */
  open(request: ClaimRequest): Promise<ClaimStarted>;
  end(claimId: string, reason: ClaimEndReason): Promise<void>;
}

/** @internal What a recording needs of a session. */
export interface RecordingDesk {
  readonly grant: ConsentGrant;
  readonly requestId: string;
  readonly settings: PipelineSettings;
  /** How faces are covered now. */
  style(): RedactionStyle;
}

/** @internal What a session is made of. */
export interface SessionParts {
  readonly grant: ConsentGrant;
  readonly signal: AbortSignal | undefined;
  readonly adapter: Adapter;
  readonly requestId: string;
  readonly indicator: VisibleIndicator | null;
  readonly host: RedactionHost;
  readonly report: LoadReport;
  readonly settings: PipelineSettings;
  readonly outlet: TrackOutlet;
  source: FrameSource;
  sourceKind: SourceOptions['kind'];
  /** While the source captures. */
  watch: CaptureWatch | null;
  expiryTimer: ReturnType<typeof setTimeout> | undefined;
}

/** @internal Gives a source to the worker. */
export async function handOver(host: RedactionHost, source: FrameSource): Promise<void> {
  await host.call((remote) => {
    const intake = source.openIntake();
    return remote.setIntake(transfer(intake, [channelOf(intake)]));
  });
}

/** @internal What a session lets be made of it. */
export interface SessionInternals {
  readonly parts: Readonly<SessionParts>;
  /** How regions look now. */
  readonly style: () => RedactionStyle;
  /** @throws FacePrivacyError ERR_SESSION_CLOSED. */
  readonly assertOpen: () => void;
}
