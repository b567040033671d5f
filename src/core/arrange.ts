/** Where things go in an order. `last` leaves alone what is there already; the others move it. */
export type Place = 'first' | 'last' | { after: string }

/** The order with `items` in it, in the order in which they are given. One that is to go after what is not there goes last. */
export function arrange(order: readonly string[], items: readonly string[], place: Place): string[] {
  const wanted = [...new Set(items)]
  if (place === 'last') return [...order, ...wanted.filter((item) => !order.includes(item))]
  const others = order.filter((item) => !wanted.includes(item))
  const at = place === 'first' ? 0 : others.indexOf(place.after) + 1 || others.length
  return others.toSpliced(at, 0, ...wanted)
}
