import type { RedactionMethod } from '../../core/redaction.ts';
import type { LibraryPurpose } from './purposes.ts';

/** The four typical scenes (TAF-4): offered by the person, call, processing for the person, needed for a service. */
export type Scene = 'upload' | 'call' | 'processing' | 'service';

/** The two grounds on which video may be the minimum that a service needs (TAF-5.2c). */
export type EssentialGround = 'public-safety' | 'vital-interests';

/** What may be kept of a picture; originals never outside a seal (MEG-no-raw-face). */
export type KeptMedia = 'redacted-media' | 'recorded-sound' | 'protected-templates' | 'sealed-regions';

/** What happens to capture while nobody can see the page or the indicator (TAF-5.1f). */
export type BackgroundBehaviour = 'stop' | 'cover' | 'continue';

/** What a scene presets. A notice and its session may be stricter, never laxer. */
export interface SceneRules {
  /** Each start needs the person's own act: transient activation (TAF-5.2a). */
  readonly userGesture: boolean;
  /** Grounds on which a purpose may be declared essential; empty: never (TAF-5.2b/c). */
  readonly essentialGrounds: readonly EssentialGround[];
  /** Purposes of the library that a notice of this scene may name; an app's own are always allowed. */
  readonly purposes: readonly LibraryPurpose[];
  /** Methods that cover a face in this scene. */
  readonly methods: readonly RedactionMethod[];
  /** What may be kept. */
  readonly keeps: readonly KeptMedia[];
  /** What a notice may choose for a hidden page. */
  readonly background: readonly BackgroundBehaviour[];
}

/** The rules of the four scenes (T/TAF 077.8-2020, sections 4 and 5). */
export const SCENES: Readonly<Record<Scene, SceneRules>> = frozen({
  upload: {
    userGesture: true,
    essentialGrounds: [],
    purposes: ['live-redacted-view', 'redacted-recording', 'sound-recording', 'feature-extraction', 'comparison', 'album-grouping', 'sealed-originals', 'sharing'],
    methods: ['frost', 'solid', 'blur', 'pixelate'],
    keeps: ['redacted-media', 'recorded-sound', 'protected-templates', 'sealed-regions'],
    background: ['stop', 'cover'],
  },
  call: {
    userGesture: true,
    essentialGrounds: [],
    purposes: ['live-redacted-view', 'redacted-recording', 'sound-recording', 'feature-extraction', 'comparison', 'sharing'],
    methods: ['frost', 'solid', 'blur', 'pixelate'],
    keeps: ['redacted-media', 'recorded-sound', 'protected-templates'],
    background: ['stop', 'cover', 'continue'],
  },
  processing: {
    userGesture: true,
    essentialGrounds: [],
    purposes: ['live-redacted-view', 'redacted-recording', 'sound-recording', 'feature-extraction', 'comparison', 'album-grouping', 'sealed-originals', 'sharing'],
    methods: ['frost', 'solid', 'blur', 'pixelate'],
    keeps: ['redacted-media', 'recorded-sound', 'protected-templates', 'sealed-regions'],
    background: ['stop', 'cover'],
  },
  service: {
    userGesture: false,
    essentialGrounds: ['public-safety', 'vital-interests'],
    purposes: ['live-redacted-view', 'staff-review', 'redacted-recording', 'sound-recording', 'feature-extraction', 'comparison', 'sealed-originals', 'sharing'],
    // Staff look at these pictures (TAF-5.3c): only covers that hold nothing of what they cover.
    methods: ['frost', 'solid'],
    keeps: ['redacted-media', 'recorded-sound', 'protected-templates', 'sealed-regions'],
    background: ['stop', 'cover'],
  },
});

/** All the way down: nobody who gets hold of the rules may change them for everybody. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
