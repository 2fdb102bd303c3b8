// Rules of this project that no general linter has, as a plugin of oxlint: each says why it is there, and its message is what a contributor reads.

/** @param {readonly string[]} brands @param {string} owner */
const brandCasts = (brands, owner) =>
  Object.fromEntries(brands.flatMap((brand) => {
    const message = `Only ${owner} mints a ${brand}: anywhere else the mark would be put on pixels that nobody covered.`;
    const name = `TSTypeReference > [name='${brand}'], TSTypeReference > TSQualifiedName[right.name='${brand}']`;
    return [
      [`TSAsExpression > .typeAnnotation:has(:matches(${name}))`, message],
      [`TSTypePredicate:has(:matches(${name}))`, message],
    ];
  }));

const RULES = {
  'no-swallowed-error': {
    'CatchClause > BlockStatement[body.length=0]': 'A swallowed error can hide a leak. Handle it, or say in a comment and in code why it can be passed over.',
  },
  'no-swallowed-rejection': {
    "CallExpression[callee.property.name='catch'] > ArrowFunctionExpression.arguments > BlockStatement[body.length=0]": 'A swallowed rejection can hide a leak. Handle it.',
  },
  'no-enum': { TSEnumDeclaration: 'Use a union of string literals: enums are not erasable syntax.' },
  'named-exports': {
    ExportDefaultDeclaration: 'Named exports only: one concept has one name everywhere.',
    ExportAllDeclaration: 'Name what is exported: an export must be a decision.',
  },
  'urls-in-assets': {
    "MemberExpression[object.type='MetaProperty'][property.name='url']": 'Files are named by URL in src/assets/ only, so that bundlers and hosts have one place to look at.',
  },
  'mints-frames': brandCasts(['RedactedFrame'], 'src/video/redaction/'),
  'mints-outputs': brandCasts(['RedactedTrack', 'RedactedBitmap'], 'src/video/output/'),
};

export default {
  meta: { name: 'bauta' },
  rules: Object.fromEntries(Object.entries(RULES).map(([name, selectors]) => [name, {
    create: (context) => Object.fromEntries(Object.entries(selectors).map(([selector, message]) => [selector, (node) => { context.report({ node, message }); }])),
  }])),
};
