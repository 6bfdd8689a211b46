import { describe, expect, it } from '@jest/globals';
import { alignTable } from '../../src/cli/table.ts';

describe('alignTable', () => {
  it('aligns columns as docker images does', () => {
    const rows = ['REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE', 'h4y\tlatest\t179179840b16\t1 second ago\t1.98MB', ''];
    expect(alignTable(rows.join('\n'))).toBe(
      'REPOSITORY   TAG       IMAGE ID       CREATED        SIZE\n' +
        'h4y          latest    179179840b16   1 second ago   1.98MB\n',
    );
  });

  it('pads a cell in front of an empty last one, as docker history does', () => {
    const text =
      'IMAGE\tCREATED\tCREATED BY\tSIZE\tCOMMENT\n' +
      '179179840b16\t1 second ago\t/bin/sh -c echo "a b" && echo longlonglonglo…\t0B\t\n' +
      'dd0be8828944\t13 minutes ago\t\t1.98MB\tImported from -\n';
    expect(alignTable(text)).toBe(
      'IMAGE          CREATED          CREATED BY                                      SIZE      COMMENT\n' +
        '179179840b16   1 second ago     /bin/sh -c echo "a b" && echo longlonglonglo…   0B        \n' +
        'dd0be8828944   13 minutes ago                                                   1.98MB    Imported from -\n',
    );
  });

  it('starts columns anew behind a line that does not have them', () => {
    expect(alignTable('a\tb\nplain\nlonger than ten\tb\n')).toBe('a         b\nplain\nlonger than ten   b\n');
  });

  it('counts wide characters as two', () => {
    expect(alignTable('镜像镜像镜像\tx\na\tx\n')).toBe('镜像镜像镜像   x\na              x\n');
  });

  it('leaves text without tabs alone', () => {
    expect(alignTable('au\nau\n')).toBe('au\nau\n');
  });
});
