import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import type { CliError } from '../../src/errors.ts'
import { checkImage, nameOf } from '../../src/images/image.ts'
import { BLUE, PNG, png, pngOf } from '../support/images.ts'

const { createCanvas } = createRequire(import.meta.url)('@napi-rs/canvas') as typeof import('@napi-rs/canvas')

const canvas = createCanvas(30, 20)
canvas.getContext('2d').fillRect(5, 5, 10, 10)
const problem = (bytes: Uint8Array) => {
  try {
    checkImage(bytes, 'a.png')
    return null
  } catch (error) {
    return (error as CliError).message
  }
}

test.each<[type: string, bytes: Buffer]>([
  ['png', canvas.toBuffer('image/png')],
  ['jpeg', canvas.toBuffer('image/jpeg')],
  ['webp', canvas.toBuffer('image/webp')],
  ['avif', canvas.toBuffer('image/avif')],
  ['gif', Buffer.concat([Buffer.from('GIF89a'), Buffer.from([30, 0, 20, 0, 0, 0, 0, 0x3b])])],
])('a %s is known by its bytes', (type, bytes) => {
  expect(checkImage(bytes, 'x')).toEqual({ type, size: { width: 30, height: 20 } })
})

test.each([
  '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '\ufeff<?xml version="1.0"?>\n<!-- a drawing -->\n<SVG width="1">',
  '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg>',
])('a drawing is known by its first element: %s', (text) => {
  expect(checkImage(Buffer.from(text), 'x')).toEqual({ type: 'svg', size: null })
})

describe('what is refused', () => {
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 0x18]), Buffer.from('ftypheic'), Buffer.alloc(12)])
  test.each<[what: string, bytes: Uint8Array, message: RegExp]>([
    ['nothing', new Uint8Array(), /^a\.png is empty\.$/],
    ['text', Buffer.from('hello'), /^a\.png is not an image\.$/],
    ['a page with a drawing', Buffer.from('<!doctype html><html><svg>'), /^a\.png is not an image\.$/],
    ['a PDF', Buffer.from('%PDF-1.7\n'), /^a\.png is not an image\.$/],
    ['the beginning of a PNG', PNG.subarray(0, 12), /^a\.png is not an image\.$/],
    ['a HEIC without a size', heic, /^a\.png is (?:not an image|a HEIC image)\.$/],
    ['more bytes than are kept', Buffer.alloc(10_000_001), /^a\.png is larger than 10 MB\.$/],
    [
      'a bomb',
      pngOf(20_000, 20_000, Buffer.alloc(0)),
      /^a\.png has 20000 x 20000 pixels, which is too many\.$/,
    ],
    ['a size that no image has', pngOf(0, 5, Buffer.alloc(0)), /^a\.png is not an image/],
  ])('%s', (_, bytes, message) => {
    expect(problem(bytes)).toMatch(message)
  })
})

test('an image is called by its content', () => {
  expect(nameOf(PNG, 'png')).toMatch(/^[0-9a-f]{64}\.png$/)
  expect(nameOf(PNG, 'png')).toBe(nameOf(Buffer.from(PNG), 'png'))
  expect(nameOf(png([[BLUE]]), 'jpeg')).toMatch(/\.jpg$/)
  expect(nameOf(png([[BLUE]]), 'png')).not.toBe(nameOf(PNG, 'png'))
})
