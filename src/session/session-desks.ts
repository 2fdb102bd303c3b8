import { transfer } from 'comlink';
import type { ClaimDesk, RecordingDesk } from './session-parts.ts';
import { RedactionSession } from './session.ts';

/** @internal Where `bauta/features` puts claims. The port goes to the worker as it is; nothing of it is read here. @throws TypeError for a look-alike. */
export function claimDeskOf(session: RedactionSession): ClaimDesk {
  const { parts, assertOpen } = RedactionSession.internals(session);
  const { grant, host, requestId } = parts;
  return {
    grant,
    requestId,
    open: (request) => {
      assertOpen();
      return host.call((remote) => remote.claim(transfer(request, [request.port])));
    },
    end: (claimId, reason) => host.call((remote) => remote.endClaim(claimId, reason)),
  };
}

/** @internal What `bauta/recording` tells of the picture that it records. @throws TypeError for a look-alike, ERR_SESSION_CLOSED. */
export function recordingDeskOf(session: RedactionSession): RecordingDesk {
  const { parts, style, assertOpen } = RedactionSession.internals(session);
  assertOpen();
  const { grant, requestId, settings } = parts;
  return { grant, requestId, settings, style };
}
