import type { JsonValue } from '../../formats/go-json.ts';
import { member, textOf } from './container-document.ts';

/** The ports of a container as `docker ps` writes them, e.g. `0.0.0.0:8080->80/tcp, 443/tcp`. */
export function portTexts(settings: JsonValue | undefined): string[] {
  const ports = member(settings, 'Ports');
  if (!(ports instanceof Map)) return [];
  const sorted = [...ports].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
  return sorted.flatMap(([port, bindings]) => {
    if (!Array.isArray(bindings) || bindings.length === 0) return [port];
    return bindings.map((binding: JsonValue) => {
      const ip = textOf(member(binding, 'HostIp'));
      const host = ip.includes(':') ? `[${ip}]` : ip;
      return `${host}:${textOf(member(binding, 'HostPort'))}->${port}`;
    });
  });
}
