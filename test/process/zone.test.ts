import { afterAll, expect, test } from 'vitest'
import { dayBounds } from '../../src/core/day.ts'
import { Home } from './terminal.ts'

const home = new Home()
afterAll(() => home.close())

test.each(['Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Kolkata', 'Europe/Berlin'])(
  'in %s it is the date that it is there',
  (TZ) => {
    home.env.TZ = TZ
    const today = () => dayBounds(new Date(), TZ, 4).date
    const before = today()
    const { today: found } = JSON.parse(home.rote('stats', '--json').stdout)
    // the day may end while the command runs
    expect([before, today()]).toContain(found.date)
  },
)
