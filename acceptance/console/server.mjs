// SPDX-License-Identifier: Apache-2.0
// Serves the page's files, and the API about a world, as docs/reference/console-api.md says.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { matches } from './world.mjs';

const WEB = new URL('../../console/src/main/resources/dev/mcpmtls/console/web/', import.meta.url);
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', txt: 'text/plain; charset=utf-8' };
const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A console about `world` on a port of loopback; 0 takes a free one. */
export async function serve(world, { port = 0, token = 'a-token-of-a-test-1', audit = true } = {}) {
  const streams = new Set();

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const params = Object.fromEntries(url.searchParams);
    const json = (status, body) => response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(JSON.stringify(body));
    if (!url.pathname.startsWith('/console/api/')) return file(url.pathname, response);
    if (request.headers.authorization !== `Bearer ${token}`) return json(401, { error: { code: request.headers.authorization ? 'TOKEN_WRONG' : 'TOKEN_MISSING', message: 'the token is not the one of this start', remedy: 'open the URL that mcp-mtls serve printed' } });
    const name = url.pathname.slice('/console/api/'.length);
    if (!audit && ['stream', 'events'].includes(name)) return json(503, { error: { code: 'AUDIT_OFF', message: 'no audit log is kept', remedy: 'set audit.file' } });
    if (name === 'stream') return stream(request, response, params);
    try {
      const answers = {
        about: () => world.about(), map: () => world.map(params.window ?? '5m'), certificates: () => world.certificates(), events: () => world.select(params), access: () => world.access(), explain: () => world.explain(params),
        may: () => world.may(params), health: () => world.health(), figures: () => world.figures(params.window ?? '5m'),
      };
      json(200, answers[name]());
    } catch (error) {
      json(400, { error: { code: 'BAD_PARAMETER', message: error.message, remedy: 'write a peer that was seen', candidates: error.candidates ?? [] } });
    }
  });

  async function file(path, response) {
    if (path === '/') return response.writeHead(302, { Location: '/console/' }).end();
    const name = path === '/console/' ? 'index.html' : path.slice('/console/'.length);
    const body = await readFile(new URL(name, WEB)).catch(() => undefined);
    if (body) response.writeHead(200, { ...HEADERS, 'Content-Type': TYPES[name.split('.').at(-1)], 'Cache-Control': 'no-cache' }).end(body);
    else response.writeHead(404, HEADERS).end();
  }

  function stream(request, response, filters) {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const send = (event, data, id) => response.write(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const last = world.events.at(-1)?.id ?? 0;
    send('hello', { now: new Date().toISOString(), id: last });
    const after = Number(request.headers['last-event-id'] ?? last);
    const one = { response, send: (event) => matches(event, filters) && send('audit', event, event.id) };
    world.events.filter((event) => event.id > after).forEach(one.send);
    streams.add(one);
    response.on('close', () => streams.delete(one));
  }

  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const own = server.address().port;
  return {
    url: `http://127.0.0.1:${own}/console/#token=${token}`,
    port: own,
    /** Records an event and sends it to the open streams. */
    tell(event) {
      const whole = world.record(event);
      streams.forEach((one) => one.send(whole));
      return whole;
    },
    streams: () => streams.size,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
