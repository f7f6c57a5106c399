// SPDX-License-Identifier: Apache-2.0
// The console's page in a real browser: node test.mjs [URL]. Without a URL, against worlds of its own; with that of a running
// 'mcp-mtls demo --console', against live traffic. SHOTS names a directory for screenshots, CHROMIUM the browser.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test, { after, afterEach, before } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from './server.mjs';
import { fleet, hostile, large, nothing } from './world.mjs';

const [demo] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.SHOTS ?? new URL('../target/console', import.meta.url).pathname;
const VIEWS = { map: 'Map', certificates: 'Certificates', events: 'Live events', access: 'Access', health: 'Health' };
const PIECE = { added: 2500, changes: 250, rows: 40 }; // the most nodes and rows that the page draws in one go; ten thousand events would be 200,000

let browser;
const open = [];

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(() => browser.close());
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A page at `url` that fails its test for every error, dialog and violation of the Content-Security-Policy. */
async function visit(url, { width = 1280, height = 800, colorScheme = 'light', state = 'Live' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce', timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.stack}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/Failed to load resource|ERR_/.test(message.text()) && faults.push(`${message.type()}: ${message.text()}`));
  page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => !request.url().startsWith(new URL(url).origin) && faults.push(`request: ${request.url()}`));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  await page.goto(url);
  await page.getByRole('status').filter({ hasText: state }).waitFor();
  open.push(async () => {
    assert.deepEqual(await page.evaluate(() => window.violations), []);
    await context.close();
    assert.deepEqual(faults, []);
  });
  return page;
}

async function start(world, options) {
  const server = await serve(world, options);
  open.push(() => server.close());
  return server;
}

/** Goes to a view by its link, and waits until it shows what it fetched. */
async function go(page, name) {
  await page.getByRole('link', { name: VIEWS[name], exact: true }).click();
  await page.getByRole('heading', { name: VIEWS[name], level: 1 }).waitFor();
  await shown(page, name);
}

const CONTENT = { map: '.peers button, .empty', certificates: '.list .row', events: '.list .row, .empty', access: '.rules tbody tr, .empty', health: '.checks li' };
const shown = (page, name) => page.locator(CONTENT[name]).first().waitFor();

async function at(page, hash) {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await shown(page, /^#\/([a-z]+)/.exec(hash)[1]);
}

const rows = (page) => page.locator('.list .row');

async function isClean(page, what) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`), [], what);
}

/** Whether each view fits its width, and both of axe's and our eyes find nothing wrong with it. */
async function inspect(url, tag) {
  for (const [width, height, colorScheme] of [[1600, 1000, 'light'], [400, 860, 'dark'], [1600, 1000, 'dark'], [400, 860, 'light']]) {
    const page = await visit(url, { width, height, colorScheme });
    for (const name of Object.keys(VIEWS)) {
      await go(page, name);
      if (name === 'health') await page.locator('.plot canvas').nth(1).waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than ${width} px`);
      if (width === 1600 ? colorScheme === 'light' : colorScheme === 'dark') await page.screenshot({ path: `${SHOTS}/${tag}-${name}-${width}-${colorScheme}.png` });
      await isClean(page, `${name}, ${width} px, ${colorScheme}`);
    }
  }
}

if (demo) {
  test('live traffic is in each view', async () => {
    const page = await visit(demo);
    await page.locator('.chip').first().waitFor();
    assert.match(await page.locator('.summary').textContent(), /identit(y|ies) made [\d,]+ calls?/);
    await go(page, 'certificates');
    await rows(page).first().click();
    await page.getByRole('heading', { name: 'Chain' }).waitFor();
    await page.keyboard.press('Escape');
    await go(page, 'events');
    const first = await rows(page).first().getAttribute('id');
    await page.waitForFunction((id) => document.querySelector('[role=option][aria-posinset="1"]').id !== id, first);
    await at(page, '#/events?outcome=failure&action=tls-rejected');
    await rows(page).first().click();
    for (const title of ['Cause', 'Remedy']) await page.getByRole('heading', { name: title }).waitFor();
    await go(page, 'access');
    await page.locator('.rules .number', { hasText: /[1-9]/ }).first().waitFor();
    await page.getByLabel('May the peer').fill('laptop-7');
    await page.getByLabel('on the server').selectOption('datetime-mcp');
    await page.getByLabel('Name of the tool').fill('convertTime');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('may not call convertTime').waitFor();
    await page.locator('.considered .matches .strong', { hasText: /^no-conversions$/ }).waitFor();
    await go(page, 'health');
    await page.locator('.health .number', { hasText: 'ms' }).first().waitFor();
    await page.locator('.plot canvas').nth(1).waitFor();
  });

  test('a refusal of the demo arrives on the map', async () => {
    const page = await visit(demo);
    const newest = () => page.locator('.strip li').first().textContent();
    await page.locator('.strip li').first().waitFor();
    const before = await newest();
    await page.waitForFunction((text) => document.querySelector('.strip li').textContent !== text, before, { timeout: 30_000 });
  });

  test('the demo fits every width, in light and dark, and axe finds no fault', () => inspect(demo, 'demo'));
} else {
  test('each view shows the fleet', async () => {
    const { url } = await start(fleet());
    const page = await visit(url);
    await page.getByText('8 identities made 510 calls in the last 5 minutes.').waitFor();
    await page.getByRole('button', { name: /coordinator 51\/min/ }).click();
    await page.getByText('made 257 calls').waitFor();
    await page.getByRole('link', { name: /EXPIRED ×/ }).first().waitFor();
    assert.ok(await page.locator('.lines .refused').count() >= 6);
    await page.getByRole('button', { name: 'Hour' }).click();
    await page.getByText('4,590 calls in the last hour').waitFor();
    assert.match(page.url(), /window=1h$/);
    await go(page, 'certificates');
    assert.match(await rows(page).first().textContent(), /Expired.*CRL.*was due 9 h ago/);
    await rows(page).nth(1).click();
    await page.getByText('Trust anchor', { exact: true }).last().waitFor();
    await page.getByText('CN=planner').waitFor();
    await rows(page).nth(2).click();
    await page.getByText('mcp-mtls cert renew weather', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Anchors' }).click();
    await page.getByRole('option', { name: 'Partner Root' }).click();
    await page.getByText('spiffe://partner.example/**').waitFor();
    await go(page, 'access');
    assert.match(await page.getByRole('row', { name: 'partner-reads-files' }).textContent(), /never matched/);
    await go(page, 'health');
    await page.getByText('1 of 6 checks needs attention').waitFor();
    await page.getByRole('row', { name: /get_forecast weather-mcp 419 2.4 ms 22.0 ms/ }).waitFor();
    await page.locator('.plot canvas').nth(1).waitFor();
    const time = page.locator('.plot');
    await time.first().hover();
    await page.getByText(/Permitted \d/).first().waitFor();
  });

  test('a refusal appears at once on the map and among the events', async () => {
    const world = fleet();
    const server = await start(world);
    const page = await visit(server.url);
    await shown(page, 'map');
    const refuse = (name) => server.tell(world.refusal({ peer: `spiffe://demo.local/agent/${name}`, reason: 'WEAK_KEY', cause: 'the key has 1024 bits', remedy: 'make another' }));
    const appears = async (what, act, locator) => {
      const start = Date.now();
      act();
      await locator.waitFor();
      console.log(`# a refusal was ${what} after ${Date.now() - start} ms`);
    };
    await appears('named on the map', () => refuse('laptop-8'), page.getByRole('list', { name: 'Latest refusals' }).getByText('laptop-8'));
    await appears('drawn on the map', () => refuse('laptop-9'), page.getByRole('list', { name: 'Refused connections' }).getByText('agent/laptop-9'));
    await go(page, 'events');
    await appears('in the list of events', () => refuse('laptop-10'), page.getByRole('option', { name: /laptop-10/ }));
    await page.getByRole('option', { name: /laptop-10/ }).click();
    await page.getByText('CN=laptop-10').waitFor();
    await page.getByText('no: nothing vouches for this name').waitFor();
  });

  test('filters are in the address, and a link to an event opens it', async () => {
    const world = fleet();
    const server = await start(world);
    const page = await visit(server.url);
    await go(page, 'events');
    await page.getByLabel('Outcome').selectOption('failure');
    await page.getByLabel('Peer').fill('laptop-7');
    await page.waitForURL(/outcome=failure/);
    await page.waitForURL(/peer=laptop-7/);
    await page.waitForFunction(() => [...document.querySelectorAll('.row')].every((row) => row.textContent.includes('laptop-7')) && document.querySelector('.row'));
    server.tell(world.permitted(world.peers[0], world.servers[0], 'get_forecast'));
    server.tell(world.refusal(world.refusals[0]));
    await page.getByText('refused or failed').first().waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('.row')].every((row) => row.textContent.includes('laptop-7')));
    await rows(page).first().click();
    await page.waitForURL(/open=\d+/);
    const again = await visit(`${server.url}`);
    await again.evaluate((hash) => { location.hash = hash; }, new URL(page.url()).hash);
    await again.getByRole('heading', { name: 'Remedy' }).waitFor();
    assert.equal(await again.getByLabel('Peer').inputValue(), 'laptop-7');
    await again.getByRole('link', { name: 'This connection' }).click();
    await again.waitForURL(/connection=/);
    await page.getByLabel('Peer').fill('no such peer');
    await page.getByText('No event matches these filters').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.row').length > 5);
    const time = rows(page).first().locator('time');
    const instant = await time.getAttribute('datetime');
    assert.equal(await time.getAttribute('title'), `${instant.replace('T', ' ').replace('Z', '')} UTC`);
    assert.equal(await time.textContent(), new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'Asia/Tokyo' }).format(new Date(instant)));
  });

  test('why can laptop-7 not call weather? As the guide says', async () => {
    const { url } = await start(fleet());
    const page = await visit(url);
    let seen = '';
    const look = async () => { seen += await page.evaluate(() => `${document.body.textContent}\n${[...document.querySelectorAll('[aria-label]')].map((node) => node.getAttribute('aria-label')).join('\n')}\n`); };
    await page.getByRole('list', { name: 'Refused connections' }).getByText('laptop-7').waitFor();
    await look();
    await go(page, 'access');
    await look();
    await page.getByLabel('May the peer').fill('laptop-7');
    await page.getByLabel('on the server').selectOption('weather-mcp');
    await page.getByLabel('Name of the tool').fill('get_forecast');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('its calls do not reach the rules').waitFor();
    await page.getByText('If it were accepted: Permitted').waitFor();
    await look();
    await page.getByRole('link', { name: 'the evidence' }).click();
    await rows(page).first().click();
    await page.getByText('mcp-mtls cert renew laptop-7').last().waitFor();
    await look();
    const walk = /## Why can laptop-7 not call weather\?\n([^]*?)\n## /.exec(readFileSync(new URL('../../docs/guides/console.md', import.meta.url), 'utf8'))[1];
    const named = [...walk.matchAll(/\*\*([^*]+)\*\*/g)].map(([, text]) => text);
    assert.ok(named.length >= 8);
    assert.deepEqual(named.filter((text) => !seen.includes(text)), [], 'the guide names what the page does not show');
    await at(page, '#/access?peer=laptop&server=weather-mcp&tool=get_forecast');
    await page.getByRole('button', { name: 'spiffe://demo.local/agent/laptop-3' }).click();
    await page.getByText('rule agents-call decides').waitFor();
    await page.getByRole('link', { name: 'Everything that it may call' }).click();
    await page.getByText('may call 6 of 11 tools').waitFor();
    await page.getByRole('link', { name: 'delete_file' }).click();
    await page.getByText('may not call delete_file').waitFor();
    await page.getByText('with arguments').click();
    await page.getByLabel('A JSON object').fill('[1]');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('The arguments are a JSON object').waitFor();
  });

  test('after a restart the page goes on, or asks for the new URL', async () => {
    const world = fleet();
    const first = await serve(world);
    const page = await visit(first.url);
    await go(page, 'events');
    await first.close();
    await page.getByRole('alert').getByText('The connection to the server is lost').waitFor();
    const event = world.record(world.refusal({ peer: 'spiffe://demo.local/agent/meanwhile', reason: 'EXPIRED', cause: 'it expired', remedy: 'renew it' }));
    const second = await serve(world, { port: first.port });
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('option', { name: /agent\/meanwhile/ }).waitFor();
    assert.equal(await page.getByRole('alert').isVisible(), false);
    assert.equal(await page.locator(`[id$="-${event.id}"]`).count(), 1);
    await second.close();
    const third = await start(world, { port: first.port, token: 'another-token-of-a-test' });
    await page.getByRole('heading', { name: 'This token is not valid' }).waitFor();
    await page.getByLabel('Paste the URL here').fill('http://127.0.0.1/');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('There is no token in this text').waitFor();
    await page.getByLabel('Paste the URL here').fill(third.url);
    await page.getByRole('button', { name: 'Open' }).click();
    await rows(page).first().waitFor();
    assert.doesNotMatch(page.url(), /token/);
  });

  test('a server without traffic says what to do', async () => {
    const { url } = await start(nothing());
    const page = await visit(url);
    await page.getByText('mcp-mtls tools https://localhost:8443/mcp').waitFor();
    await isClean(page, 'an empty map');
    await go(page, 'events');
    await page.getByText('The audit log is empty').waitFor();
    await go(page, 'access');
    await page.getByText('There are no access rules').waitFor();
    await isClean(page, 'no rules');
  });

  test('without an audit log there are counts, and the page says why there are no events', async () => {
    const { url } = await start(fleet(), { audit: false });
    const page = await visit(url, { state: 'No events' });
    await page.getByText('8 identities made 510 calls').waitFor();
    await page.getByText('no audit log is kept').first().waitFor();
    await page.getByRole('link', { name: 'Live events', exact: true }).click();
    await page.getByText('no audit log is kept. set audit.file').last().waitFor();
    await isClean(page, 'no audit log');
  });

  test('hostile text stays text, in every view', async () => {
    const world = hostile();
    const server = await start(world);
    const page = await visit(server.url);
    const harmless = async (where) => {
      const found = await page.evaluate(() => ({
        pwned: window.pwned, elements: [...document.querySelectorAll('main img, main script, main iframe, main object, main embed, main style')].map((node) => node.outerHTML),
        links: [...document.querySelectorAll('a')].map((link) => link.getAttribute('href')).filter((href) => !href.startsWith('#/')),
        handlers: [...document.querySelectorAll('*')].flatMap((node) => node.getAttributeNames().filter((name) => name.startsWith('on'))), wide: document.documentElement.scrollWidth > innerWidth,
      }));
      assert.deepEqual(found, { pwned: undefined, elements: [], links: [], handlers: [], wide: false }, where);
    };
    for (const name of Object.keys(VIEWS)) {
      await go(page, name);
      await harmless(name);
      if (name === 'certificates' || name === 'events') {
        for (let i = 0; i < 12; i++) {
          await rows(page).nth(i).click();
          await page.locator('.detail .facts').first().waitFor();
          await harmless(`${name}, row ${i}`);
        }
      }
    }
    for (const peer of world.peers.slice(0, 8)) {
      await at(page, `#/access?${new URLSearchParams({ peer })}`);
      await at(page, `#/access?${new URLSearchParams({ peer, server: world.servers[1].server, tool: world.servers[1].tools[0] })}`);
      await page.locator('.verdict:visible, .error:visible').first().waitFor();
      await harmless(`access, ${peer}`);
      await at(page, `#/map?${new URLSearchParams({ find: peer })}`);
      await at(page, `#/events?${new URLSearchParams({ peer, server: peer, reason: peer, connection: peer, open: peer })}`);
      await harmless(`filters, ${peer}`);
    }
    server.tell(world.refusal(world.refusals[0]));
    await at(page, '#/events');
    await rows(page).first().waitFor();
    await harmless('live');
  });

  test('a keyboard reaches everything', async () => {
    const { url } = await start(fleet());
    const page = await visit(url);
    await shown(page, 'map');
    const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.getAttribute('aria-label'));
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the content');
    for (const title of Object.values(VIEWS)) {
      await page.keyboard.press('Tab');
      assert.equal(await focused(), title);
    }
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Live events', level: 1 }).waitFor();
    await rows(page).first().waitFor();
    for (let i = 0; i < 20 && (await page.evaluate(() => document.activeElement.getAttribute('role'))) !== 'listbox'; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.getAttribute('aria-posinset') === '2');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').getByRole('heading', { level: 2 }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.getAttribute('role') === 'listbox');
    assert.equal(await page.getByRole('complementary').isVisible(), false);
    await at(page, '#/map');
    await page.getByRole('button', { name: /planner/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'What it may call' }).waitFor();
  });

  test('200 identities, 1,000 tools and 10,000 events are drawn in small pieces, and lists have only the rows in sight', async () => {
    const world = large();
    const server = await start(world);
    const page = await visit(server.url, { width: 1600, height: 1000 });
    await page.evaluate(() => { // a piece is all that changes before the browser may do anything else
      const size = (node) => 1 + (node.querySelectorAll?.('*').length ?? 0);
      new MutationObserver((records) => {
        const added = records.flatMap((record) => [...record.addedNodes]).reduce((sum, node) => sum + size(node), 0);
        window.pieces.push({ added, changes: records.length, rows: document.querySelectorAll('.row').length });
      }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      window.pieces = [];
    });
    /** The pieces since the last time of which one is too large. */
    const tooLarge = () => page.evaluate((most) => window.pieces.splice(0).filter((piece) => Object.keys(most).some((name) => piece[name] > most[name])), PIECE);
    const areSmall = async (what) => assert.deepEqual(await tooLarge(), [], what);
    await page.getByRole('button', { name: /Show 176 more/ }).click();
    await page.waitForFunction(() => document.querySelectorAll('.peers button').length === 200);
    for (const name of [...Object.keys(VIEWS), 'map', 'health']) {
      await go(page, name);
      await areSmall(name);
    }
    await page.locator('.plot canvas').nth(1).waitFor();
    await go(page, 'events');
    for (let i = 0; i < 10_000; i += 200) {
      for (let k = 0; k < 200; k++) server.tell(world.traffic(i + k));
      await page.waitForFunction((most) => Number(/^[\d,]+/.exec(document.querySelector('.summary').textContent)?.[0].replace(',', '')) >= most, Math.min(10_000, 200 + i + 200));
    }
    await areSmall('10,000 events');
    await page.evaluate(async () => {
      const list = document.querySelector('.list');
      for (let top = 0; top < list.scrollHeight; top += list.scrollHeight / 40) {
        list.scrollTop = top;
        await new Promise(requestAnimationFrame);
      }
    });
    await areSmall('the list, scrolled');
    await at(page, '#/access?peer=worker-007');
    await page.getByText('may call').last().waitFor();
    await areSmall('1,000 tools');
    await page.evaluate((rows) => document.querySelector('main').append(...Array.from({ length: rows }, () => Object.assign(document.createElement('p'), { className: 'row' }))), PIECE.rows + 1);
    assert.equal((await tooLarge()).length, 1, 'a list with more rows than are in sight is found');
  });

  test('every view fits 400 and 1,600 px, in light and dark, and axe finds no fault', async () => inspect((await start(fleet())).url, 'fleet'));

  test('the picture of the README is made', async () => {
    const { url } = await start(fleet());
    const page = await visit(url, { width: 1180, height: 720 });
    await page.locator('.lines path').first().waitFor();
    const picture = await small(await page.screenshot());
    writeFileSync(`${SHOTS}/console.webp`, picture);
    assert.ok(picture.length < 80_000, `the picture has ${picture.length} bytes`);
  });
}

/** A screenshot as WebP, which the browser itself encodes. */
async function small(png) {
  const page = await browser.newPage();
  const url = await page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], { type: 'image/png' }));
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.7);
  }, png.toString('base64'));
  await page.close();
  return Buffer.from(url.split(',')[1], 'base64');
}
