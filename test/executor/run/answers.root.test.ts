import { writeSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Answers, openAnswers } from '../../../src/executor/run/answers.ts';

// The pipe is made by the C library's pipe2; its other end is written to here.
describe('answers of a shell', () => {
  const opened = (): { readonly answers: Answers; readonly overs: () => number } => {
    let overs = 0;
    const answers = openAnswers(() => {
      overs += 1;
    });
    return { answers, overs: () => overs };
  };
  const say = ({ writeFd }: Answers, text: string): void => void writeSync(writeFd, text);
  const end = async (answers: Answers): Promise<void> => {
    answers.closeWriting();
    await answers.listen();
  };

  it('are heard before anybody listens, in however many pieces', async () => {
    const { answers, overs } = opened();
    const ready = answers.soon('ready');
    say(answers, 'rea');
    await new Promise((resolve) => setTimeout(resolve, 20));
    say(answers, 'dy 0\na ');
    expect(await ready).toBe(0);
    const [a, b] = [answers.of('a'), answers.of('b')];
    const ended = answers.listen();
    say(answers, '7\nother 1\nb 3\n');
    expect(await Promise.all([a, b])).toEqual([7, 3]);
    expect([answers.isOver(), overs()]).toEqual([false, 0]);
    answers.closeWriting();
    await ended;
    expect([answers.isOver(), overs()]).toEqual([true, 1]);
  });

  it('end with the shell, whether anybody listens or not', async () => {
    for (const listens of [false, true]) {
      const { answers, overs } = opened();
      const [ready, later] = [answers.soon('ready'), answers.of('a')];
      if (listens) void answers.listen();
      answers.closeWriting();
      expect(await Promise.all([ready, later, answers.of('b')])).toEqual([137, 137, 137]);
      await answers.listen();
      expect([answers.isOver(), overs()]).toEqual([true, 1]);
    }
  });

  it('are over as soon as they are asked whether they are', async () => {
    const { answers, overs } = opened();
    expect(answers.isOver()).toBe(false);
    answers.closeWriting();
    expect([answers.isOver(), overs()]).toEqual([true, 1]);
    expect(await answers.of('a')).toBe(137);
    await end(answers);
    expect(overs()).toBe(1);
  });
});
