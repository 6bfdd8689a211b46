import type { TreeNode } from '../../engine/tree.ts';
import { cut } from '../plan/cut.ts';
import type { Paint } from '../plan/paint.ts';
import { textWidth } from '../text-width.ts';
import { shownName } from './shown-name.ts';

const FOLD_LIMIT = 1000;
const LEAST_NOTE = 40;

/** Draws a data-root as `tree` does, with notes behind the names. */
export function drawTree(root: TreeNode, paint: Paint, columns: number): string {
  const lines: string[] = [];
  let folders = 0;
  let files = 0;
  const draw = (node: TreeNode, stem: string, below: string): void => {
    if (node.type === 'dir') folders += 1;
    else files += 1;
    const name = shownName(node === root && node.path !== '' ? node.path : node.name);
    const link = node.type === 'symlink' ? ` -> ${shownName(node.target)}` : '';
    const note = [shownName(node.note), foldedText(node)].filter((text) => text !== '').join('; ');
    const room = Math.max(columns - textWidth(stem + name + link) - 3, LEAST_NOTE);
    const painted = node.type === 'dir' ? paint.config(name) : name;
    lines.push(`${stem}${painted}${link}${note === '' ? '' : `  ${paint.faint(`# ${cut(note, room)}`)}`}`);
    node.children.forEach((child, at) => {
      const last = at === node.children.length - 1;
      draw(child, `${below}${last ? '└── ' : '├── '}`, `${below}${last ? '    ' : '│   '}`);
    });
  };
  draw(root, '', '');
  lines.push('', `${folders - (root.type === 'dir' ? 1 : 0)} directories, ${files} files`);
  return `${lines.join('\n')}\n`;
}

function foldedText({ folded, closed, note }: TreeNode): string {
  if (closed) return 'may not be read by this user';
  // What is merely deeper than was asked for is left out without a word, as by tree.
  if (folded === undefined || note !== 'the files') return '';
  return folded >= FOLD_LIMIT ? `${FOLD_LIMIT} or more of them, not shown` : `${folded} of them, not shown`;
}
