import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * Every symbol that an entry of the package exports has prose, and so has every method of an exported interface or class.
 * @param {string} root of the project.
 * @returns {string[]} one line per gap.
 */
export function findUndocumented(root) {
  const entries = sourceEntries(root);
  const program = ts.createProgram(entries, compilerOptions(root));
  const checker = program.getTypeChecker();
  const gaps = new Set();
  for (const entry of entries) {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry} exports nothing`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!hasProse(symbol, checker)) gaps.add(`${exported.name} has no docblock (${place(symbol, root)})`);
      for (const member of symbol.members?.values() ?? []) {
        if (member.flags & ts.SymbolFlags.Method && isPublic(member) && !hasProse(member, checker)) {
          gaps.add(`${exported.name}.${printable(member.name)} has no docblock (${place(member, root)})`);
        }
      }
    }
  }
  return [...gaps];
}

/** The sources of the files that package.json names under `exports`. */
function sourceEntries(root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.values(exports)
    .filter((target) => typeof target === 'object')
    .map(({ types }) => join(root, types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')));
}

function compilerOptions(root) {
  const file = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

const hasProse = (symbol, checker) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '';

/** False for what the compiler hides or `stripInternal` leaves out of the declarations. */
function isPublic(member) {
  const declaration = member.declarations?.[0];
  if (declaration === undefined) return false;
  if (ts.isPrivateIdentifier(declaration.name) || member.getJsDocTags().some(({ name }) => name === 'internal')) return false;
  return (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;
}

function place(symbol, root) {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined) return 'place unknown';
  const source = declaration.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(declaration.getStart());
  return `${source.fileName.slice(root.length + 1)}:${line + 1}`;
}

/** Symbols such as `Symbol.asyncDispose` have mangled names. */
const printable = (name) => name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]');
