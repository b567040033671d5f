// Bundles src/ into dist/ (start-up is what the user of a command feels) and prepares the data directory that a first
// run unpacks (making one takes seconds, unpacking it a fraction of one).
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

process.chdir(join(import.meta.dirname, '..'))
const cache = 'node_modules/.cache/rote'

/** One hash over the contents of all files below these places. @param {string[]} places */
function fingerprint(places) {
  const hash = createHash('sha256')
  for (const place of places) {
    const files = readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    for (const file of files.sort()) hash.update(file).update(readFileSync(file))
  }
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

/**
 * Makes the packages that we bundle load the larger of Node's own modules when they use them: most commands need no
 * TLS and start no process, and loading these takes a tenth of the time that Node takes to start.
 * @type {import('esbuild').Plugin}
 */
const lazyBuiltins = {
  name: 'lazy builtins',
  setup(build) {
    build.onResolve({ filter: /^(node:)?(tls|crypto|child_process)$/ }, ({ path, importer }) =>
      /node_modules.(postgres|commander)\b/.test(importer) ? { path, namespace: 'lazy' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require('${path}')[name] })`,
    }))
  },
}

const ROTE_BUILD = fingerprint(['src', 'drizzle'])
/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minify: true,
  plugins: [lazyBuiltins],
  define: { ROTE_BUILD: JSON.stringify(ROTE_BUILD) },
}
/**
 * The embedded server, and whatever is run by itself. What is not bundled has files of its own beside it.
 * @type {import('esbuild').BuildOptions}
 */
const standalone = {
  ...common,
  format: 'esm',
  external: [
    '@electric-sql/pglite',
    '@mozilla/readability',
    '@jsquash/jpeg',
    '@jsquash/png',
    '@jsquash/webp',
    'fs-native-extensions',
    'html-encoding-sniffer',
    'linkedom',
    'omggif',
    'pdf-parse',
    'sixel',
  ],
  // CommonJS packages among the dependencies call require
  banner: { js: "import{createRequire as _cr}from'node:module';const require=_cr(import.meta.url);" },
}
/**
 * The program, in one file: finding and reading many takes longer than what they save. CommonJS, because bin/load.js
 * keeps it compiled. What few commands need stays outside, and is loaded by those.
 * @type {import('esbuild').BuildOptions}
 */
const program = {
  ...common,
  format: 'cjs',
  external: [
    '@electric-sql/pglite',
    '@node-rs/argon2',
    '@open-spaced-repetition/binding',
    'fs-native-extensions',
    'fflate',
    'fzstd',
    'clipboardy',
    'htmlparser2',
    'inquirer',
    'openai',
    'ora',
    'cli-table3',
    'marked',
    'node-sqlite3-wasm',
    'tar',
    'yauzl',
  ],
  define: { ...common.define, 'import.meta.url': '__url' },
  banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
}

const template = 'dist/template.tar.gz'
const templateKey = fingerprint(['drizzle', 'node_modules/@electric-sql/pglite/dist'])
const keyFile = `${cache}/template-key`
const upToDate = existsSync(template) && existsSync(keyFile) && readFileSync(keyFile, 'utf8') === templateKey

mkdirSync('dist', { recursive: true })
for (const name of readdirSync('dist'))
  if (!name.startsWith('template')) rmSync(join('dist', name), { recursive: true })
const { outputFiles } = await build({ ...program, entryPoints: ['src/main.ts'], write: false })
// a compiled script has no import of its own: bin/load.js lends it one
writeFileSync('dist/main.cjs', outputFiles?.[0]?.text.replaceAll(/\bimport\("/g, 'load("') ?? '')
await build({
  ...standalone,
  splitting: true,
  entryPoints: {
    server: 'src/db/embedded/server.ts',
    extractor: 'src/generate/extractor.ts',
    painter: 'src/images/painter.ts',
  },
  outdir: 'dist',
})
writeFileSync('dist/build-id', ROTE_BUILD)

if (!upToDate) {
  await build({ ...standalone, entryPoints: ['scripts/make-template.ts'], outdir: cache, minify: false })
  execFileSync(process.execPath, [`${cache}/make-template.js`, template], { stdio: 'inherit' })
  writeFileSync(keyFile, templateKey)
}
