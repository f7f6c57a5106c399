// SPDX-License-Identifier: Apache-2.0
// The console's page over mutual TLS, as its guide says: node remote.mjs LAUNCHER. Certificates are exported by the command and imported into
// the certificate store of a browser's home (NSS), which also holds the trust anchor. CHROMIUM names the browser.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after, afterEach, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const [launcher] = process.argv.slice(2);
const run = promisify(execFile);
const work = mkdtempSync(join(tmpdir(), 'console-'));
const store = join(work, 'store');
const config = join(work, 'mcp-mtls.yaml');
const mcp = async (...args) => (await run(launcher, [...args, '--config', config])).stdout;

let server;
let url;
let browser;

before(async () => {
  writeFileSync(config, `dir: ${store}
servers: {echo: {listen: "127.0.0.1:0"}}
console: {listen: "127.0.0.1:0", credential: echo, peers: ["spiffe://demo.local/agent/admin"]}
`);
  await mcp('init');
  await mcp('cert', 'issue', 'admin');
  server = spawn(launcher, ['serve', 'echo', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  let echo;
  for await (const line of createInterface(server.stdout)) {
    echo ??= /https:\S+\/mcp/.exec(line)?.[0];
    url ??= /https:\S+\/console\//.exec(line)?.[0];
    if (echo && url) break;
  }
  server.stdout.resume();
  await mcp('call', echo, 'echo', 'text=hello');
});
afterEach(() => browser?.close());
after(async () => {
  const ended = once(server, 'exit');
  server.kill();
  await ended;
  rmSync(work, { recursive: true });
});

/** A page in a browser that trusts our anchor and holds the certificate `name`, or none. */
async function visitor(name) {
  const home = join(work, `home of ${name ?? 'nobody'}`);
  const nss = join(home, '.pki', 'nssdb');
  const profile = join(home, 'profile', 'Default');
  for (const directory of [nss, profile]) mkdirSync(directory, { recursive: true });
  await run('certutil', ['-d', `sql:${nss}`, '-N', '--empty-password']);
  await run('certutil', ['-d', `sql:${nss}`, '-A', '-t', 'C,,', '-n', 'anchor', '-i', join(store, 'credentials/echo/ca.crt')]);
  if (name) {
    const file = join(home, `${name}.p12`);
    const { password } = JSON.parse(await mcp('cert', 'export', name, '--browser', '--out', file, '--json'));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await run('pk12util', ['-d', `sql:${nss}`, '-i', file, '-W', password]);
  }
  // the choice that a person makes in a dialog: any certificate, for this origin
  const choice = { [`${new URL(url).origin},*`]: { setting: { filters: [{}] } } };
  writeFileSync(join(profile, 'Preferences'), JSON.stringify({ profile: { content_settings: { exceptions: { auto_select_certificate: choice } } } }));
  browser = await chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'], env: { ...process.env, HOME: home },
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  return page;
}

test('a listed peer sees the map with its traffic', async () => {
  const page = await visitor('admin');
  await page.goto(url);
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  await page.getByText(/1 identity made [1-9]\d* calls?/).waitFor();
  await page.getByRole('button', { name: /coordinator/ }).waitFor();
});

test('a peer that is not listed is told so, and sees no data', async () => {
  const page = await visitor('coordinator');
  const answers = [];
  page.on('response', (response) => response.url().includes('/api/') && answers.push(response.status()));
  await page.goto(url);
  await page.getByRole('heading', { name: 'Your certificate may not read this page' }).waitFor();
  assert.ok(answers.length > 0);
  assert.deepEqual(answers.filter((status) => status !== 403), []);
  assert.doesNotMatch(await page.locator('main').textContent(), /echo|coordinator/);
});

test('a browser without a certificate gets no page', { timeout: 30_000 }, async () => {
  const page = await visitor();
  await assert.rejects(page.goto(url), /net::ERR_(BAD_SSL_CLIENT_AUTH_CERT|SOCKET_NOT_CONNECTED|CONNECTION_(RESET|CLOSED))/); // the alert comes after Chromium's side of the handshake
  while (!readFileSync(join(store, 'audit.jsonl'), 'utf8').includes('NO_CERTIFICATE')) await setTimeout(50);
});
