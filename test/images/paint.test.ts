import { expect, test } from 'vitest'
import { createPainter } from '../../src/images/paint.ts'
import { PNG } from '../support/images.ts'

const box = { width: 10, height: 10 }

test('a picture whose decoder never ends is given up, and the next one is painted', async () => {
  const endless = Buffer.from(
    '474946383961031c0300f000c5ff0000' + '0000ff2c0000000003000300000204041da105003b',
    'hex',
  )
  const painter = createPainter()
  const first = painter.paint({ bytes: new Uint8Array(endless), type: 'gif', box, as: 'pixels' })
  const second = painter.paint({ bytes: new Uint8Array(PNG), type: 'png', box, as: 'pixels' })
  await expect(first).rejects.toMatchObject({ message: 'The image cannot be shown: it took too long.' })
  expect(await second).toMatchObject({ width: 2, height: 3 })
  painter.close()
})
