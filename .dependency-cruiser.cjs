// Who may import whom. Layers, lowest first; a layer imports downward only, and its wings never import each other.
// The text for people: docs/design.md.
const LAYERS = [
  ['core'],
  ['governance', 'assets', 'threads', 'inference'],
  ['video', 'features', 'vault', 'elements'],
  ['review', 'debug'],
  ['session'],
  ['recognition', 'recordings'],
  ['desks'],
];
/** Joined by the files directly in video/ and by nobody else. */
const STAGES = ['camera', 'detection', 'tracking', 'redaction', 'output', 'recording'];

const TEST = '\\.(test|contract|spec)\\.(ts|mjs)$';
const folder = (names) => `^src/(${names.join('|')})/`;

const layerRules = LAYERS.flatMap((wings, level) => {
  const higher = LAYERS.slice(level + 1).flat();
  const rules = [];
  if (higher.length > 0) {
    rules.push({
      name: `layer-${level}-imports-downward`,
      comment: `${wings.join(' and ')} must not know ${higher.join(', ')}: move what is shared down.`,
      from: { path: folder(wings), pathNot: TEST },
      to: { path: folder(higher) },
    });
  }
  if (wings.length > 1) {
    rules.push({
      name: `wings-of-layer-${level}-apart`,
      comment: `${wings.join(', ')} are siblings: a type that two of them share belongs to core/, wiring to a layer above.`,
      from: { path: '^src/([^/]+)/', pathNot: [TEST, `^src/(?!(${wings.join('|')})/)`] },
      to: { path: folder(wings), pathNot: '^src/$1/' },
    });
  }
  return rules;
});

const withSeverity = (rules) => rules.map((rule) => ({ severity: 'error', ...rule }));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: withSeverity([
    ...layerRules,
    {
      name: 'nothing-below-the-roof-imports-it',
      comment: 'The files directly in src/ are what package.json exports. Nothing inside imports what is for apps.',
      from: { path: '^src/.+/', pathNot: TEST },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'no-import-of-an-index',
      comment: 'An index is for apps. Inside, import the file that holds the thing.',
      from: { path: '^(src|workers)/' },
      to: { path: ['^src/index\\.ts$', '^src/.+/index\\.ts$'] },
    },
    {
      name: 'stages-of-video-apart',
      comment: 'Stages meet in video/pipeline.ts and the other files directly in video/, so that the path of a frame reads in one place.',
      from: { path: `^src/video/(${STAGES.join('|')})/`, pathNot: TEST },
      to: { path: `^src/video/(${STAGES.join('|')})/`, pathNot: '^src/video/$1/' },
    },
    {
      name: 'stages-do-not-know-their-joiner',
      comment: 'A stage that imports the pipeline turns the straight line into a loop.',
      from: { path: `^src/video/(${STAGES.join('|')})/`, pathNot: TEST },
      to: { path: '^src/video/[^/]+\\.ts$' },
    },
    {
      name: 'root-ships-no-recognition',
      comment: 'Whoever only covers faces must not ship code that recognises them.',
      from: { path: '^src/(index\\.ts$|session/)' },
      to: { path: '^src/(features|recognition)/', reachable: true },
    },
    {
      name: 'src-names-workers-by-url-only',
      comment: 'src/assets/ names a worker by its URL; importing it would run it in the page.',
      from: { path: '^src/' },
      to: { path: '^(workers|models|demo|e2e|scripts)/', pathNot: '^models/manifest\\.json$' },
    },
    {
      name: 'workers-stay-below-the-roof',
      comment: 'A worker has no consent records, no storage and no session: it joins video stages and core.',
      from: { path: '^workers/', pathNot: '^workers/unmask' },
      to: { path: ['^src/(governance|vault|review|debug|vite|session|recognition|recordings|desks)/', '^src/[^/]+\\.ts$', '^(demo|e2e|scripts)/'] },
    },
    {
      name: 'unmask-worker-judges-by-itself',
      comment: 'The unmask worker reads consent, statements and keys itself, because it must not believe the page; of the roof it knows nothing.',
      from: { path: '^workers/unmask' },
      to: { path: ['^src/(features|elements|debug|vite|session|recognition|recordings|desks)/', '^src/[^/]+\\.ts$', '^(demo|e2e|scripts)/'] },
    },
    {
      name: 'plugin-is-not-part-of-the-library',
      comment: 'The Vite plugin runs in Node.',
      from: { path: '^(src/(?!vite/)|workers/)' },
      to: { path: '^src/vite/' },
    },
    {
      name: 'plugin-shares-the-policy-only',
      comment: 'The Vite plugin runs in Node and shares nothing with the library but the policy of the worker scripts.',
      from: { path: '^src/vite/', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/vite/', '^src/assets/worker-csp\\.ts$'] },
    },
    {
      name: 'apps-see-the-package-only',
      comment: 'demo and e2e use what an app can use: the package by its name. Benchmarks may measure a part alone, and the workers with planted faults are made of the parts.',
      from: { path: '^(demo/|e2e/(?!(bench|support/workers|evaluate/workers)/))' },
      to: { path: '^(src|workers|models)/' },
    },
    {
      name: 'demo-keeps-to-itself',
      comment: 'The demo is an app of its own.',
      from: { path: '^demo/(?!clip/)' },
      to: { path: '^(e2e|scripts)/' },
    },
    {
      name: 'e2e-uses-the-clip-only',
      comment: 'End-to-end tests drive the demo from outside; they may know the clip and where its faces are.',
      from: { path: '^e2e/' },
      to: { path: '^demo/(?!clip/)' },
    },
    {
      name: 'no-test-in-the-product',
      comment: 'Tests and contract suites are not shipped.',
      from: { path: '^(src|workers|demo)/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'no-cycle',
      comment: 'A cycle has no order to be read in.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'imports-resolve',
      comment: 'Every import leads to a file, or (in pages of benchmarks and tests) to a path that their server knows.',
      from: { pathNot: '^demo/public/' },
      to: { couldNotResolve: true, pathNot: ['^(bauta|virtual:|vite/client$)', '^/'] },
    },
  ]),
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: ['^demo/(dist|public)/', '^models/ready/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'], extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'] },
  },
};
