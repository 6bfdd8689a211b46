import { describe, expect, it } from '@jest/globals';
import { proxyFor } from '../../../src/transports/http/proxy.ts';

const env = (list: string) => ({ HTTP_PROXY: 'proxy:1', HTTPS_PROXY: 'https://secure:2', NO_PROXY: list });

/** What the documentation of golang.org/x/net/http/httpproxy says. */
describe('proxyFor', () => {
  it('takes the proxy of the protocol, http where none is named', () => {
    expect(proxyFor(new URL('http://a.b/'), env(''))?.href).toBe('http://proxy:1/');
    expect(proxyFor(new URL('https://a.b/'), env(''))?.href).toBe('https://secure:2/');
    expect(proxyFor(new URL('http://a.b/'), { http_proxy: 'http://small:3' })?.href).toBe('http://small:3/');
    expect(proxyFor(new URL('http://a.b/'), {})).toBeUndefined();
  });

  it.each(['http://localhost/', 'http://127.0.0.1/', 'http://127.9.9.9:80/', 'http://[::1]/'])(
    'asks this host itself: %s',
    (url) => {
      expect(proxyFor(new URL(url), env(''))).toBeUndefined();
    },
  );

  it.each([
    ['*', 'http://any.where/', true],
    ['foo.com', 'http://foo.com/', true],
    ['foo.com', 'http://bar.foo.com/', true],
    ['foo.com', 'http://notfoo.com/', false],
    ['.foo.com', 'http://foo.com/', false],
    ['.foo.com', 'http://bar.foo.com/', true],
    ['*.foo.com', 'http://bar.foo.com/', true],
    ['foo.com:8080', 'http://foo.com/', false],
    ['foo.com:8080', 'http://foo.com:8080/', true],
    ['1.2.3.4', 'http://1.2.3.4/', true],
    ['1.2.3.4', 'http://1.2.3.5/', false],
    ['10.0.0.0/8', 'http://10.9.8.7/', true],
    ['10.0.0.0/8', 'http://11.9.8.7/', false],
    ['x.y, FOO.com', 'http://foo.com/', true],
  ])('NO_PROXY=%s, %s', (list, url, direct) => {
    expect(proxyFor(new URL(url), env(list)) === undefined).toBe(direct);
  });
});
