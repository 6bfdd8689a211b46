import type { HistoryRow } from './image-config.ts';

/** Whether two rows of image histories say the same, times included. */
export function sameHistoryRow(a: HistoryRow, b: HistoryRow | undefined): boolean {
  return (
    b !== undefined &&
    a.created === b.created &&
    a.createdBy === b.createdBy &&
    a.author === b.author &&
    a.comment === b.comment &&
    a.emptyLayer === b.emptyLayer
  );
}
