/** What to do with a card that is there already. */
export const ON_DUPLICATE = ['skip', 'update', 'keep', 'error'] as const
export type OnDuplicate = (typeof ON_DUPLICATE)[number]
