import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pdf } from '../support/pdf.ts'
import { Home } from './terminal.ts'

// What only a person can answer: a confirmation, and the editor.

let home: Home

beforeAll(() => {
  home = new Home()
  home.rote('deck', 'create', 'Spanish')
})
afterAll(() => home.close())

function questions(): string[] {
  const { stdout } = home.rote('card', 'list', 'Spanish', '--json')
  return JSON.parse(stdout).map(({ question }: { question: string }) => question)
}

describe('deck delete', () => {
  test('asks, says how many cards go, and takes no for an answer', async () => {
    home.rote('deck', 'create', 'Doomed')
    home.rote('card', 'add', 'Doomed', '-Q', 'a', '-A', 'b')
    const terminal = home.terminal(['deck', 'delete', 'Doomed'])
    await terminal.shows('Move the deck "Doomed" and its 1 card to the trash?')
    terminal.type('n\r')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen()).toContain('Nothing was changed.')
    expect(home.rote('deck', 'view', 'Doomed').status).toBe(0)
  })

  test('takes yes for an answer', async () => {
    const terminal = home.terminal(['deck', 'delete', 'Doomed'])
    await terminal.shows('to the trash?')
    terminal.type('y\r')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen()).toContain('Moved the deck "Doomed" and its 1 card to the trash.')
    expect(home.rote('deck', 'view', 'Doomed').status).toBe(3)
  })
})

test.each(['\x03', '\x04'])('%j at a question changes nothing and exits with 130', async (key) => {
  const terminal = home.terminal(['deck', 'delete', 'Spanish'])
  await terminal.shows('to the trash?')
  terminal.type(key)
  expect(await terminal.ended()).toBe(130)
  expect(terminal.screen()).toContain('Nothing was changed.')
  expect(home.rote('deck', 'view', 'Spanish').status).toBe(0)
})

/** An editor that is a shell script; `$1` is the file. */
function editor(script: string): Record<string, string> {
  const path = join(home.folder, `editor ${Math.abs(script.length * 7919)}.sh`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return { EDITOR: `'${path}'`, VISUAL: '' }
}

const fill = (question: string, answer: string) =>
  `awk '{ print } /^----- question/ { print "${question}" } /^----- answer/ { print "${answer}" }' "$1" > "$1.new" && mv "$1.new" "$1"`

describe('the editor', () => {
  test('card add opens it on a template and adds what was written', async () => {
    const terminal = home.terminal(['card', 'add', 'Spanish'], undefined, editor(fill('perro', 'dog')))
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen()).toContain('Added "perro" to "Spanish".')
    expect(questions()).toEqual(['perro'])
  })

  test('card edit opens it on the card', async () => {
    const [{ card_id }] = JSON.parse(home.rote('card', 'list', 'Spanish', '--json').stdout)
    const terminal = home.terminal(
      ['card', 'edit', card_id],
      undefined,
      editor(`sed -i 's/^perro$/el perro/' "$1"`),
    )
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen()).toContain('Changed "el perro".')
    expect(questions()).toEqual(['el perro'])
  })

  test('leaving the template as it is adds nothing', async () => {
    const terminal = home.terminal(['card', 'add', 'Spanish'], undefined, editor('true'))
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen()).toContain('Nothing was added.')
    expect(questions()).toEqual(['el perro'])
  })

  test('a card without an answer is refused, and what was written is kept', async () => {
    const terminal = home.terminal(
      ['card', 'add', 'Spanish'],
      { columns: 200, rows: 24 },
      editor(fill('a long thought', '')),
    )
    expect(await terminal.ended()).toBe(2)
    const screen = terminal.screen()
    expect(screen).toContain('The answer is empty.')
    const [, kept = ''] = /What you wrote is in (\S+)/.exec(screen) ?? []
    expect(readFileSync(kept, 'utf8')).toContain('a long thought')
  })

  test('an editor that fails after writing keeps the text too', async () => {
    const terminal = home.terminal(
      ['card', 'add', 'Spanish'],
      { columns: 200, rows: 24 },
      editor(`${fill('half', 'done')}; exit 3`),
    )
    expect(await terminal.ended()).toBe(1)
    const screen = terminal.screen()
    expect(screen).toMatch(/The editor ".*" failed \(exit code 3\)\./)
    const [, kept = ''] = /What you wrote is in (\S+)/.exec(screen) ?? []
    expect(existsSync(kept)).toBe(true)
    expect(questions()).toEqual(['el perro'])
  })

  test('Ctrl-C belongs to the editor', async () => {
    const wait = `trap 'touch "$1.interrupted"' INT; echo waiting; until [ -e "$1.interrupted" ]; do sleep 0.1; done`
    const terminal = home.terminal(
      ['card', 'add', 'Spanish'],
      undefined,
      editor(`${wait}; ${fill('gato', 'cat')}`),
    )
    await terminal.shows('waiting')
    terminal.type('\x03')
    expect(await terminal.ended(), terminal.screen()).toBe(0)
    expect(terminal.screen()).toContain('Added "gato" to "Spanish".')
    expect(questions()).toEqual(['el perro', 'gato'])
  })

  test('an editor that is not there is named', async () => {
    const terminal = home.terminal(['card', 'add', 'Spanish'], undefined, {
      EDITOR: 'no-such-editor',
      VISUAL: '',
    })
    expect(await terminal.ended()).toBe(1)
    expect(terminal.screen()).toContain('The editor "no-such-editor" was not found.')
    expect(terminal.screen()).toContain('Name yours with: export EDITOR=nano')
  })
})

describe('the password of a PDF', () => {
  let path: string
  beforeAll(async () => {
    path = join(home.folder, 'locked.pdf')
    const lines = Array.from({ length: 8 }, (_, line) => `Line ${line} of what nobody else is to read.`)
    writeFileSync(path, await pdf([lines.join('\n')], { userPassword: 'sesame' }))
  })

  test('is asked for, and not shown', async () => {
    const terminal = home.terminal(['generate', path, '--show-text'], { columns: 200, rows: 24 })
    await terminal.shows(`The password of ${path}:`)
    terminal.type('sesame\r')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen()).toContain('Line 7 of what nobody else is to read.')
    expect(terminal.raw).not.toContain('sesame')
  })

  test('three times', async () => {
    const terminal = home.terminal(['generate', path, '--dry-run'], { columns: 200, rows: 24 })
    await terminal.shows(`The password of ${path}:`)
    for (const guess of ['barley', 'oats']) {
      terminal.type(`${guess}\r`)
      await terminal.shows('That is not it. Its password: [')
    }
    terminal.type('rye\r')
    expect(await terminal.ended()).toBe(3)
    expect(terminal.screen()).toContain(`The password of ${path} is wrong.`)
  })
})
