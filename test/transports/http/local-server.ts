import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer {
  readonly url: string;
  readonly port: number;
  /** `METHOD path`, in the order they came. */
  readonly asked: readonly string[];
  readonly headers: readonly http.IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** A web server of this process for one test. */
export async function localServer(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<LocalServer> {
  const asked: string[] = [];
  const headers: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    headers,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
