import { writeSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Answers, openAnswers } from '../../../src/executor/run/answers.ts';
import { type Hearing, openHearing } from '../../../src/executor/run/hearing.ts';

// The pipe is made by the C library's pipe2; its other end is written to here.
describe('answers of a shell', () => {
  interface Opened {
    readonly hearing: Hearing;
    readonly answers: Answers;
    readonly overs: () => number;
  }
  const opened = (): Opened => {
    let overs = 0;
    const hearing = openHearing();
    const answers = openAnswers(hearing, () => {
      overs += 1;
    });
    return { hearing, answers, overs: () => overs };
  };
  const say = ({ writeFd }: Answers, text: string): void => void writeSync(writeFd, text);

  it('are heard by looking and by listening, in however many pieces', async () => {
    const { hearing, answers, overs } = opened();
    const ready = hearing.attend(answers.of('ready'));
    say(answers, 'rea');
    await new Promise((resolve) => setTimeout(resolve, 20));
    say(answers, 'dy 0\na ');
    expect(await ready).toBe(0);
    const [a, b] = [answers.of('a'), answers.of('b')];
    hearing.listen();
    say(answers, '7\nother 1\nb 3\n');
    expect(await Promise.all([a, b])).toEqual([7, 3]);
    expect([answers.isOver(), overs()]).toEqual([false, 0]);
    answers.closeWriting();
    await answers.ended;
    expect([answers.isOver(), overs()]).toEqual([true, 1]);
  });

  it('end with the shell, whether anybody listens or not', async () => {
    for (const listens of [false, true]) {
      const { hearing, answers, overs } = opened();
      const [ready, later] = [answers.of('ready'), answers.of('a')];
      if (listens) hearing.listen();
      answers.closeWriting();
      expect(await hearing.attend(Promise.all([ready, later]))).toEqual([137, 137]);
      await answers.ended;
      expect(await answers.of('b')).toBe(137);
      expect([answers.isOver(), overs()]).toEqual([true, 1]);
    }
  });

  it('are over as soon as they are asked whether they are', async () => {
    const { answers, overs } = opened();
    expect(answers.isOver()).toBe(false);
    answers.closeWriting();
    expect([answers.isOver(), overs()]).toEqual([true, 1]);
    expect(await answers.of('a')).toBe(137);
    await answers.ended;
    expect(overs()).toBe(1);
  });
});
