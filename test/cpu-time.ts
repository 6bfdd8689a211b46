/** Milliseconds that processors worked for this process. Unlike a clock's, they do not grow when others work beside it. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
