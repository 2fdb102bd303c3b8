/** A text in both languages of the library. */
export interface BothLanguages {
  readonly 'zh-CN': string;
  readonly en: string;
}

/** A file of the package that holds (a part of) a component. */
export interface ComponentFile {
  readonly file: string;
  /** SHA-256 of a model or runtime, hexadecimal; null for code that is part of a script. */
  readonly sha256: string | null;
}

/** Software or a model of somebody else that an app ships with this library (MEG-disclose). */
export interface BundledComponent {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Who makes it. It receives nothing: everything runs in the browser. */
  readonly provider: string;
  readonly link: string;
  readonly purpose: BothLanguages;
  /** What of people's data it works on. */
  readonly personalInformation: BothLanguages;
  readonly files: readonly ComponentFile[];
}
