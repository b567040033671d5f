import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

// docs/architecture.md says who may import whom; here it is checked.

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /(?<!\.d)\.ts$/.test(path))
  .map((path) => ({ path, source: readFileSync(join('src', path), 'utf8') }))

/** What a file imports, static or not: a path below src/ for one of ours, else as it is written. */
function importsOf({ path, source }: { path: string; source: string }): string[] {
  const specifiers = source.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g)
  return Array.from(specifiers, ([, name = '']) =>
    name.startsWith('.') ? relative('src', join('src', dirname(path), name)) : name,
  )
}

type Allowed = (imported: string, importer: string) => boolean
const within =
  (...places: string[]) =>
  (imported: string) =>
    places.some((place) => imported === place || imported.startsWith(`${place}/`))
const isOurs = (imported: string) => imported.endsWith('.ts') || imported.endsWith('.json')
const anyPackage: Allowed = (imported) => !isOurs(imported)
const either =
  (...rules: Allowed[]): Allowed =>
  (imported, importer) =>
    rules.some((rule) => rule(imported, importer))

/** Layers by their folder or file; the first that fits a file holds for it. */
const LAYERS: [layer: string, allowed: Allowed][] = [
  ['errors.ts', () => false],
  ['world.ts', within('node:child_process', 'node:os', 'node:path', 'node:stream')],
  ['program.ts', within('node:url', '../package.json')],
  ['core', within('core', 'errors.ts', 'diff', 'fastest-levenshtein', 'ts-fsrs')],
  ['formats/anki', either(within('formats', 'core', 'errors.ts'), anyPackage)],
  ['formats', within('formats', 'core', 'errors.ts')],
  ['ui', either(within('ui', 'core', 'errors.ts', 'world.ts'), anyPackage)],
  // a program of its own, above what it runs
  [
    'db/embedded/server.ts',
    either(within('backup', 'config.ts', 'db', 'core', 'errors.ts', 'program.ts'), anyPackage),
  ],
  [
    'db',
    either(within('db', 'core', 'errors.ts', 'program.ts', '../drizzle/meta/_journal.json'), anyPackage),
  ],
  ['backup', either(within('backup', 'db', 'core', 'errors.ts'), anyPackage)],
  ['import', either(within('import', 'db', 'formats', 'core', 'errors.ts', 'world.ts'), anyPackage)],
  [
    'generate',
    either(within('generate', 'db', 'ui', 'core', 'errors.ts', 'program.ts', 'world.ts'), anyPackage),
  ],
  [
    'images',
    either(
      within('images', 'generate/abort.ts', 'generate/bytes.ts', 'generate/web.ts', 'ui/graphics.ts'),
      within('config.ts', 'errors.ts', 'program.ts'),
      anyPackage,
    ),
  ],
  ['study', either(within('study', 'images', 'db', 'ui', 'core', 'config.ts', 'errors.ts'), anyPackage)],
  [
    'doctor',
    either(
      within('doctor', 'config.ts', 'db', 'generate', 'ui', 'core', 'errors.ts', 'program.ts', 'world.ts'),
      anyPackage,
    ),
  ],
  ['complete', either(within('complete', 'db', 'core', 'errors.ts'), anyPackage)],
  ['config.ts', either(within('errors.ts', 'ui/output.ts', 'world.ts'), anyPackage)],
  ['context.ts', either(within('config.ts', 'db', 'errors.ts', 'ui', 'world.ts'), anyPackage)],
  [
    'main.ts',
    either(
      within('commands/program.ts', 'config.ts', 'context.ts', 'db', 'errors.ts', 'ui', 'world.ts'),
      anyPackage,
    ),
  ],
  ['commands/program.ts', either(within('commands', 'context.ts', 'errors.ts', 'program.ts'), anyPackage)],
  ['commands', (imported, importer) => below(imported, importer) || beside(imported, importer)],
]

const below: Allowed = either(
  within(
    'complete',
    'backup',
    'config.ts',
    'context.ts',
    'core',
    'db',
    'doctor',
    'errors.ts',
    'formats',
    'generate',
    'images',
    'import',
    'program.ts',
    'study',
    'ui',
    'world.ts',
  ),
  anyPackage,
)

/** Its own folder, and what all commands are made with. Commands of one file stand beside each other. */
const beside: Allowed = (imported, importer) =>
  /^commands\/(verb|page|parse|draft|file|password)\.ts$/.test(imported) ||
  dirname(imported) === dirname(importer)

test('every file belongs to a layer, and imports only from those it may', () => {
  const wrong = files.flatMap((file) => {
    const [, allowed] = LAYERS.find(([layer]) => within(layer)(file.path)) ?? []
    if (!allowed) return [`${file.path} is in no layer`]
    return importsOf(file)
      .filter((imported) => !allowed(imported, file.path))
      .map((imported) => `${file.path} imports ${imported}`)
  })
  expect(wrong).toEqual([])
})

test('a verb reaches into its noun only for what the verbs share, and never for another verb', () => {
  const isVerb = (path: string) =>
    /^export const \w+: Verb/m.test(files.find((file) => file.path === path)?.source ?? '')
  const wrong = files.flatMap((file) => {
    const [, noun, name] = /^commands\/(\w+)\/(\w+)\.ts$/.exec(file.path) ?? []
    if (!noun || name === noun) return []
    const siblings = importsOf(file).filter((imported) => dirname(imported) === `commands/${noun}`)
    return siblings
      .filter((imported) => isVerb(imported) || imported === `commands/${noun}/${noun}.ts`)
      .map((imported) => `${file.path} imports ${imported}`)
  })
  expect(wrong).toEqual([])
})

/** Source without comments, whose words prove nothing. */
const code = (source: string) => source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')

test('only the world and the embedded server touch the process', () => {
  const found = files
    .filter(({ source }) => /\bprocess\.|node:process/.test(code(source)))
    .map(({ path }) => path)
  expect(found.filter((path) => path !== 'world.ts' && !path.startsWith('db/embedded/'))).toEqual([])
})

test('core and study machine know no clock and no chance', () => {
  const found = files.filter(
    ({ path, source }) =>
      path.startsWith('core/') && /new Date\(\)|Date\.now\(|Math\.random\(/.test(code(source)),
  )
  expect(found.map(({ path }) => path)).toEqual([])
})
