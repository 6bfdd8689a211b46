import { type GoStruct, goStruct, type JsonValue } from '../../formats/go-json.ts';
import { member, textOf } from './container-document.ts';

/** A mount point of a container, as config.v2.json has it. */
export interface ContainerMount {
  readonly type: string;
  /** Of a volume; else empty. */
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly driver: string;
  readonly mode: string;
  readonly writable: boolean;
  readonly propagation: string;
}

/** The mount points of a container, by destination. */
export function containerMounts(document: JsonValue): ContainerMount[] {
  const points = member(document, 'MountPoints');
  if (!(points instanceof Map)) return [];
  return [...points.values()]
    .map((point): ContainerMount => {
      const text = (key: string): string => textOf(member(point, key));
      const [name, type] = [text('Name'), text('Type')];
      return {
        type: type === '' ? (name === '' ? 'bind' : 'volume') : type,
        ...{ name, source: text('Source'), destination: text('Destination'), driver: text('Driver') },
        ...{ mode: text('Relabel'), writable: member(point, 'RW') === true, propagation: text('Propagation') },
      };
    })
    .sort((a, b) => (a.destination < b.destination ? -1 : 1));
}

/** As inspect prints it (moby api/types/container MountPoint). */
export function mountStruct(mount: ContainerMount): GoStruct {
  return goStruct([
    ['Type', mount.type, true],
    ['Name', mount.name, true],
    ['Source', mount.source],
    ['Destination', mount.destination],
    ['Driver', mount.driver, true],
    ['Mode', mount.mode],
    ['RW', mount.writable],
    ['Propagation', mount.propagation],
  ]);
}
