#!/usr/bin/env node
/**
 * Makes models/ready/ out of the installed npm packages.
 *
 *     node models/prepare/index.mjs            makes what is missing, checks everything against models/manifest.json
 *     node models/prepare/index.mjs --update   makes everything anew and rewrites the manifest
 */
import path from 'node:path';
import { prepareModels } from './prepare.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const [option, ...rest] = process.argv.slice(2);

if ((option !== undefined && option !== '--update') || rest.length > 0) {
  process.stderr.write('usage: node models/prepare/index.mjs [--update]\n');
  process.exitCode = 2;
} else {
  try {
    await prepareModels({
      modulesDir: path.join(root, 'node_modules'),
      readyDir: path.join(root, 'models/ready'),
      manifestPath: path.join(root, 'models/manifest.json'),
      typeScriptDir: path.join(root, 'src/assets'),
      update: option === '--update',
      log: (line) => process.stdout.write(`${line}\n`),
    });
  } catch (error) {
    process.stderr.write(`models/prepare: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
