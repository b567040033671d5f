import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError, usage } from './errors.ts'
import type { Mode } from './ui/output.ts'
import type { World } from './world.ts'

/** The global flags, as Commander parsed them. */
export interface GlobalFlags {
  json?: true
  quiet?: true
  user?: string
  databaseUrl?: string
  yes?: true
  color?: boolean
  debug?: true
}

/** What this run goes by: flags before environment before config file before default. */
export interface Config {
  readonly home: string
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
  /** Who the person says they are, for this run. */
  readonly user: string | null
  /** Who they are on this machine when they do not say it and are not logged in. */
  readonly usualUser: string | null
  readonly idleMinutes: number
  readonly editor: string | null
  /** The provider of models for `rote generate`, and its prices of a million tokens. */
  readonly provider: {
    readonly baseURL: string | null
    readonly model: string | null
    /** From the environment only: the file is no place for it. */
    readonly key: string | null
    readonly keyHost: string | null
    readonly concurrency: number | null
    readonly priceIn: number | null
    readonly priceOut: number | null
  }
  /** Where images of cards are kept, and how they are shown. What is checked is checked by who needs it. */
  readonly images: {
    readonly store: ImageStoreName
    /** The local media folder. */
    readonly folder: string
    readonly s3: {
      readonly endpoint: string | null
      readonly region: string | null
      readonly bucket: string | null
      readonly prefix: string
      /** Null: as the endpoint suggests. */
      readonly pathStyle: boolean | null
      readonly accessKeyId: string | null
      readonly secretAccessKey: string | null
      readonly sessionToken: string | null
    }
    /** cloudinary://key:secret@cloud */
    readonly cloudinary: string | null
    /** Where addresses of images may lead that somebody else may have written. */
    readonly network: ImageNetwork
    readonly display: ImageDisplay
    /** A character in pixels. */
    readonly cell: { readonly width: number; readonly height: number }
  }
  /** Of PDFs that have one. */
  readonly pdfPassword: string | null
  readonly mode: Mode
  readonly color: boolean
  readonly yes: boolean
  readonly debug: boolean
  readonly timeZone: { readonly name: string; readonly clock: (instant: number) => number }
}

/** Where images can be kept. */
export const IMAGE_STORES = ['local', 's3', 'cloudinary'] as const
export type ImageStoreName = (typeof IMAGE_STORES)[number]

/** How images can be shown; `auto` is what the terminal is known for. */
export const IMAGE_DISPLAYS = ['auto', 'kitty', 'iterm', 'sixel', 'blocks', 'off'] as const
export type ImageDisplay = (typeof IMAGE_DISPLAYS)[number]

/** Which hosts are asked for images: those of the public internet, or any, such as one at home. */
export const IMAGE_NETWORKS = ['public', 'any'] as const
export type ImageNetwork = (typeof IMAGE_NETWORKS)[number]

/** A key of the config file: what it is for, and how its text becomes a value. */
interface FileKey<T> {
  help: string
  fallback: T
  parse(text: string): T
}

/** The config file's keys: the table that `config list` shows and `config set` checks against. */
export const FILE_KEYS = {
  database_url: {
    help: 'the PostgreSQL server to use instead of the embedded database',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  user: {
    help: 'who you are, when you are not logged in and have no password',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  idle_minutes: {
    help: 'minutes without a command after which the embedded server leaves',
    fallback: 15,
    parse: (text) => {
      const minutes = Number(text)
      if (!(minutes > 0 && minutes <= 10_000))
        throw usage(
          `idle_minutes is a number of minutes, more than 0, and not "${text}".`,
          'Set it: rote config set idle_minutes 15',
        )
      return minutes
    },
  } satisfies FileKey<number>,
  backups: {
    help: 'automatic backups of the embedded database: on or off',
    fallback: 'on',
    parse: (text) => {
      if (text !== 'on' && text !== 'off') throw usage('backups is on or off.')
      return text
    },
  } satisfies FileKey<'on' | 'off'>,
  editor: {
    help: 'the editor for cards, before $VISUAL and $EDITOR',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  base_url: {
    help: 'where models for rote generate are (default: https://api.openai.com/v1)',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  model: {
    help: 'the model for rote generate',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  key_host: {
    help: 'the hosts that OPENAI_API_KEY is sent to (default: api.openai.com)',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  concurrency: {
    help: 'requests at a time (default: 4, and 1 to a machine of your own)',
    fallback: null,
    parse: (text) => {
      const count = Number(text)
      if (!(Number.isInteger(count) && count >= 1 && count <= 64))
        throw usage(`concurrency is a whole number from 1 to 64, and not "${text}".`)
      return count
    },
  } satisfies FileKey<number | null>,
  price_in: {
    help: 'what a million tokens of the prompt cost, for rote generate',
    fallback: null,
    parse: (text) => price('price_in', text),
  } satisfies FileKey<number | null>,
  price_out: {
    help: 'what a million tokens of the reply cost',
    fallback: null,
    parse: (text) => price('price_out', text),
  } satisfies FileKey<number | null>,
  images: {
    help: `where images of cards are kept: ${IMAGE_STORES.join(', ')}`,
    fallback: 'local',
    parse: (text) => oneOf('images', IMAGE_STORES, text),
  } satisfies FileKey<ImageStoreName>,
  s3_endpoint: {
    help: "where the bucket is, such as https://minio.example.org (default: Amazon's)",
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  s3_region: {
    help: 'the region of the bucket (default: us-east-1)',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  s3_bucket: {
    help: 'the bucket for images',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  s3_prefix: {
    help: 'the folder in the bucket',
    fallback: 'rote',
    parse: (text) => text,
  } satisfies FileKey<string>,
  s3_path_style: {
    help: 'yes: the bucket stands in the path, not in the host (default: with an endpoint)',
    fallback: null,
    parse: (text) => oneOf('s3_path_style', ['yes', 'no'], text),
  } satisfies FileKey<string | null>,
  s3_access_key_id: {
    help: 'the key for the bucket, after $AWS_ACCESS_KEY_ID',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  s3_secret_access_key: {
    help: 'and its secret, after $AWS_SECRET_ACCESS_KEY',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  cloudinary_url: {
    help: 'cloudinary://key:secret@cloud, after $CLOUDINARY_URL',
    fallback: null,
    parse: (text) => text,
  } satisfies FileKey<string | null>,
  image_network: {
    help: 'which hosts images are read from: public, or any, for a server of your own network',
    fallback: 'public',
    parse: (text) => oneOf('image_network', IMAGE_NETWORKS, text),
  } satisfies FileKey<ImageNetwork>,
  image_display: {
    help: `how images are shown: ${IMAGE_DISPLAYS.join(', ')}`,
    fallback: 'auto',
    parse: (text) => oneOf('image_display', IMAGE_DISPLAYS, text),
  } satisfies FileKey<ImageDisplay>,
  image_cell: {
    help: 'a character of your terminal in pixels, for sixel: width x height',
    fallback: '6x12',
    parse: (text) => {
      cell(text)
      return text
    },
  } satisfies FileKey<string>,
}

function oneOf<T extends string>(key: string, values: readonly T[], text: string): T {
  const found = values.find((value) => value === text)
  if (found === undefined)
    throw usage(`${key} is ${values.slice(0, -1).join(', ')} or ${values.at(-1)}, and not "${text}".`)
  return found
}

function cell(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d{1,3})x(\d{1,3})$/.exec(text)?.map(Number) ?? []
  if (!width || !height)
    throw usage(`image_cell is width x height in pixels, such as 10x20, and not "${text}".`)
  return { width, height }
}

function price(name: string, text: string): number {
  const amount = Number(text)
  if (text.trim() === '' || !(amount >= 0 && amount < 1_000_000))
    throw usage(`${name} is a number of 0 or more, and not "${text}".`)
  return amount
}

export type FileKeyName = keyof typeof FILE_KEYS
export type ConfigFile = { [K in FileKeyName]?: string | number }

/** Where everything is that rote keeps on this machine. Throws CliError('failure') when nobody knows. */
function homeOf(world: World): string {
  if (world.env.ROTE_HOME) return resolve(world.env.ROTE_HOME)
  try {
    return join(world.dataFolder(), 'rote')
  } catch {
    throw new CliError('failure', 'You have no home folder.', 'Name a folder for rote: export ROTE_HOME=…')
  }
}

/** Reads the config file; one that is not there is empty. Throws CliError('failure') for one that cannot be read. */
export function readConfigFile(home: string): ConfigFile {
  const path = join(home, 'config.json')
  if (!existsSync(path)) return {}
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new Error('not a JSON object')
    return content as ConfigFile
  } catch (error) {
    throw new CliError(
      'failure',
      `The config file ${path} cannot be read: ${(error as Error).message}.`,
      `Correct it, or start afresh: mv ${path} ${path}.old`,
    )
  }
}

/** Whether the embedded database of a home makes automatic backups. A config file that cannot be read forbids nothing. */
export function wantsBackups(home: string): boolean {
  try {
    return (
      FILE_KEYS.backups.parse(String(readConfigFile(home).backups ?? FILE_KEYS.backups.fallback)) === 'on'
    )
  } catch {
    return true
  }
}

/** Replaces the config file, in one step, so that a crash leaves the old one or the new one. */
export function writeConfigFile(home: string, content: ConfigFile): void {
  const path = join(home, 'config.json')
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    // it can hold a password, inside database_url, and keys
    writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch (error) {
    throw new CliError('failure', `Cannot write ${path}: ${(error as Error).message}`)
  }
}

/** Resolves the configuration of one run; `read` gives the config file of a home. */
export function resolveConfig(flags: GlobalFlags, world: World, read = readConfigFile): Config {
  const { env } = world
  const home = homeOf(world)
  const file = read(home)
  const text = (key: FileKeyName) => (file[key] === undefined ? undefined : String(file[key]))
  // checked only by who needs it: a mistake in the file must not keep `config set` from mending it
  const checked = (key: 'concurrency' | 'price_in' | 'price_out') => {
    const found = text(key)
    return found === undefined ? null : FILE_KEYS[key].parse(found)
  }
  return Object.freeze({
    home,
    databaseUrl: flags.databaseUrl || env.DATABASE_URL || text('database_url') || null,
    user: flags.user || null,
    usualUser: text('user') || null,
    // the same
    get idleMinutes() {
      return FILE_KEYS.idle_minutes.parse(env.ROTE_IDLE_MINUTES || text('idle_minutes') || '15')
    },
    editor: text('editor') || env.VISUAL || env.EDITOR || null,
    provider: {
      baseURL: env.OPENAI_BASE_URL || text('base_url') || null,
      model: env.ROTE_MODEL || text('model') || null,
      key: env.OPENAI_API_KEY || null,
      keyHost: env.ROTE_KEY_HOST || text('key_host') || null,
      get concurrency() {
        return checked('concurrency')
      },
      get priceIn() {
        return checked('price_in')
      },
      get priceOut() {
        return checked('price_out')
      },
    },
    images: imagesFrom(home, env, text),
    pdfPassword: env.PDF_PASSWORD || null,
    mode: flags.json ? 'json' : flags.quiet ? 'quiet' : world.stdout.isTTY ? 'table' : 'tsv',
    color: wantsColor(flags, world),
    yes: flags.yes ?? false,
    debug: flags.debug ?? false,
    timeZone: {
      // asked for only when it is written down: finding it out takes a third of what Node itself does
      get name() {
        return world.timeZone()
      },
      clock: world.wallClock,
    },
  })
}

/** Where images are and how they are shown. A key and its secret come from the same place. */
function imagesFrom(
  home: string,
  env: World['env'],
  text: (key: FileKeyName) => string | undefined,
): Config['images'] {
  const fromEnv = env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY
  return {
    get store() {
      return FILE_KEYS.images.parse(text('images') ?? FILE_KEYS.images.fallback)
    },
    folder: join(home, 'media'),
    s3: {
      endpoint: env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || text('s3_endpoint') || null,
      region: env.AWS_REGION || env.AWS_DEFAULT_REGION || text('s3_region') || null,
      bucket: text('s3_bucket') || null,
      prefix: text('s3_prefix') ?? FILE_KEYS.s3_prefix.fallback,
      get pathStyle() {
        const style = text('s3_path_style')
        return style === undefined ? null : FILE_KEYS.s3_path_style.parse(style) === 'yes'
      },
      accessKeyId: (fromEnv ? env.AWS_ACCESS_KEY_ID : text('s3_access_key_id')) || null,
      secretAccessKey: (fromEnv ? env.AWS_SECRET_ACCESS_KEY : text('s3_secret_access_key')) || null,
      sessionToken: (fromEnv && env.AWS_SESSION_TOKEN) || null,
    },
    cloudinary: env.CLOUDINARY_URL || text('cloudinary_url') || null,
    get network() {
      return FILE_KEYS.image_network.parse(text('image_network') ?? FILE_KEYS.image_network.fallback)
    },
    get display() {
      return FILE_KEYS.image_display.parse(text('image_display') ?? FILE_KEYS.image_display.fallback)
    },
    get cell() {
      return cell(text('image_cell') ?? FILE_KEYS.image_cell.fallback)
    },
  }
}

/** https://no-color.org, and FORCE_COLOR as Node has it. */
function wantsColor(flags: GlobalFlags, { env, stdout }: World): boolean {
  if (flags.color === false || env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return Boolean(stdout.isTTY) && env.TERM !== 'dumb'
}
