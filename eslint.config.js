import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// What general rules cannot say of this project; those are in .oxlintrc.json, by a linter that takes a fifth of the time but does not know
// selectors. Each restriction says why it is there: its message is what a contributor reads.
const brandCasts = (brands, owner) =>
  brands.flatMap((brand) => {
    const message = `Only ${owner} mints a ${brand}: anywhere else the mark would be put on pixels that nobody covered.`;
    const name = `TSTypeReference > [name='${brand}'], TSTypeReference > TSQualifiedName[right.name='${brand}']`;
    return [
      { selector: `TSAsExpression > .typeAnnotation:has(:matches(${name}))`, message },
      { selector: `TSTypePredicate:has(:matches(${name}))`, message },
    ];
  });

const redactedFrame = brandCasts(['RedactedFrame'], 'src/video/redaction/');
const redactedOutput = brandCasts(['RedactedTrack', 'RedactedBitmap'], 'src/video/output/');

const everywhere = [
  {
    selector: 'CatchClause > BlockStatement[body.length=0]',
    message: 'A swallowed error can hide a leak. Handle it, or say in a comment and in code why it can be passed over.',
  },
  {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of string literals: enums are not erasable syntax.',
  },
];

const library = [
  ...everywhere,
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one concept has one name everywhere.' },
  { selector: 'ExportAllDeclaration', message: 'Name what is exported: an export must be a decision.' },
  {
    selector: "CallExpression[callee.property.name='catch'] > ArrowFunctionExpression.arguments > BlockStatement[body.length=0]",
    message: 'A swallowed rejection can hide a leak. Handle it.',
  },
];

const urlsOfFiles = {
  selector: "MemberExpression[object.type='MetaProperty'][property.name='url']",
  message: 'Files are named by URL in src/assets/ only, so that bundlers and hosts have one place to look at.',
};

const testFiles = ['**/*.test.{ts,mjs}', '**/*.contract.ts', '**/*.spec.ts'];

export default defineConfig(
  {
    ignores: ['**/node_modules/**', '**/dist/**', '.cache/**', 'models/ready/**', 'demo/public/**', 'test-results/**', 'playwright-report/**', 'coverage/**'],
  },
  {
    files: ['**/*.{js,mjs,cjs,ts}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    rules: { 'no-restricted-syntax': ['error', ...everywhere, ...redactedFrame, ...redactedOutput] },
  },
  {
    files: ['src/**/*.ts', 'workers/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...library, urlsOfFiles, ...redactedFrame, ...redactedOutput] },
  },
  {
    files: ['src/video/redaction/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...library, urlsOfFiles, ...redactedOutput] },
  },
  {
    files: ['src/video/output/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...library, urlsOfFiles, ...redactedFrame] },
  },
  {
    // src/vite runs in Node and finds the worker scripts beside itself.
    files: ['src/assets/**/*.ts', 'src/vite/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...library, ...redactedFrame, ...redactedOutput] },
  },
  {
    // Tests feed hand-made stand-ins.
    files: testFiles,
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
  {
    // Declarations of other people's modules follow those modules.
    files: ['**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Vite and its tools want a default export from their configuration.
    files: ['*.config.{ts,js}', 'demo/vite.config.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
);
