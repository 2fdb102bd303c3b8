/** Name of the channel on which desks over the same review database tell each other of changes. */
export function reviewChannelOf(databaseName: string): string {
  return `bauta-review:${databaseName}`;
}

/** Tells every desk, in this tab or another, that something about a recording has changed; null: about several. */
export function tellReviews(databaseName: string, recordingId: string | null): void {
  const channel = new BroadcastChannel(reviewChannelOf(databaseName));
  channel.postMessage({ recordingId });
  channel.close();
}
