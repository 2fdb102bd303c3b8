/** Why nobody can see an indicator. */
export type UnseenReason =
  | 'not-seen-yet'
  | 'removed'
  | 'hidden'
  | 'off-screen'
  | 'covered'
  | 'too-small'
  | 'unreadable';

/** What is known about an indicator at a moment; `null`: it can be seen. */
export type Sighting = UnseenReason | null;

/** What an indicator tells those who look at it. `covered`: the camera is on, every frame is covered whole. */
export type IndicatorState = 'off' | 'on' | 'covered';

/** One session's hold on an indicator. */
export interface IndicatorLink {
  readonly sighting: Sighting;
  /** Says what this session does; the indicator shows the most exposed state of all sessions that hold it. */
  show(state: IndicatorState): void;
  /** Lets go; idempotent. */
  close(): void;
}

/** What an indicator gives to a session: that it watches itself, and shows what it is told. */
export interface VisibleIndicator {
  /** Begins to watch. `onChange` hears of each change of the sighting, which is `not-seen-yet` at first. */
  link(onChange: (sighting: Sighting) => void): IndicatorLink;
}

const genuine = new WeakMap<object, VisibleIndicator>();

/** Says that `element` is an indicator. Called by its constructor and by nobody else. */
export function enrolIndicator(element: object, indicator: VisibleIndicator): void {
  genuine.set(element, indicator);
}

/** The indicator that an element is, or null for anything else, also for an element that only looks like one. */
export function indicatorOf(value: unknown): VisibleIndicator | null {
  return typeof value === 'object' && value !== null ? (genuine.get(value) ?? null) : null;
}
