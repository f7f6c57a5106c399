// SPDX-License-Identifier: Apache-2.0
// Checks, rates, durations, connections, memory and processes.
import { get, poll } from '../api.js';
import { data, empty, h, keyed, mark, say, show } from '../dom.js';
import { bytes, count, counted, millis } from '../format.js';
import { statusWords } from '../words.js';
import { WINDOWS, choices, trouble, windowOf, windowWords } from './common.js';

const FIRST = 50;
const SERIES = {
  calls: [['permitted', 'Permitted', 'permitted'], ['wouldBeDenied', 'Would be denied', 'shadow'], ['rateLimited', 'Rate limited', 'limited'], ['denied', 'Denied', 'refused']],
  handshakes: [['accepted', 'Accepted', 'permitted'], ['rejected', 'Rejected', 'refused'], ['failed', 'Failed', 'limited']],
};

export function health(app) {
  let window = '5m';
  let figures;
  let whole = false;
  let charts;

  const failed = trouble();
  const summary = h('p', { class: 'summary', role: 'status' });
  const range = choices('Time', WINDOWS, (key) => app.go('health', { window: key === '5m' ? undefined : key }));
  const checks = h('ul', { class: 'checks', 'aria-label': 'Checks' });
  const tiles = h('dl', { class: 'tiles' });
  const places = Object.fromEntries(Object.keys(SERIES).map((name) => [name, h('div', { class: 'plot', role: 'img', 'aria-label': `${name} a second` })]));
  const legends = Object.fromEntries(Object.keys(SERIES).map((name) => [name, h('p', { class: 'legend' })]));
  const tools = h('tbody');
  const more = h('button', { type: 'button', class: 'quiet', hidden: true, on: { click: () => { whole = !whole; render(); } } });
  const servers = h('tbody');
  const upstreams = h('ul', { class: 'checks', 'aria-label': 'Upstreams and processes' });
  const section = (title, ...nodes) => h('section', {}, h('h2', {}, title), nodes);
  const table = (label, titles, body) => h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': label }, h('table', {}, h('thead', {}, h('tr', {}, titles.map((title, i) => h('th', { scope: 'col', class: i > 0 && title !== 'Server' && title !== 'Duration' ? 'number' : '' }, title)))), body));
  const toolsSection = section('Tools', table('Tools', ['Tool', 'Server', 'Finished', 'p50', 'p99', 'Duration'], tools), more);
  const noTools = h('div');
  toolsSection.append(noTools);
  const upstreamSection = section('Upstreams and processes', upstreams);
  const element = h('div', { class: 'page health' },
    h('div', { class: 'head' }, h('h1', {}, 'Health'), range.element), summary, failed.element, tiles,
    h('div', { class: 'two' }, section('Calls a second', legends.calls, places.calls), section('Handshakes a second', legends.handshakes, places.handshakes)),
    h('div', { class: 'two wider' }, toolsSection, h('div', {}, section('Checks', checks), upstreamSection)),
    section('Servers', table('Servers', ['Server', 'Connections', 'Sessions', 'In flight', 'Arriving', 'Request bytes', 'Unread answers', 'Stalled readers'], servers)));

  async function load() {
    try {
      const [answer, state] = await Promise.all([get('figures', { window }), get('health')]);
      figures = answer;
      failed.clear();
      renderChecks(state);
      render();
      await draw();
    } catch (error) {
      failed.tell(error);
    }
  }

  function renderChecks({ status, checks: list }) {
    const bad = list.filter((check) => check.status !== 'ok');
    const key = `${status}${bad.length}${list.length}`;
    if (summary.key !== key) {
      summary.key = key;
      show(summary, mark(statusWords(status)[0], bad.length === 0 ? `All ${count(list.length)} checks are fine` : `${count(bad.length)} of ${counted(list.length, 'check')} ${bad.length === 1 ? 'needs' : 'need'} attention`));
    }
    const order = { failing: 0, degraded: 1, ok: 2 };
    keyed(checks, [...list].sort((a, b) => order[a.status] - order[b.status]), (check) => `${check.name}\n${check.status}`, (check) => h('li', {}, mark(...statusWords(check.status)), h('span', {}, data(check.name, { class: 'strong' }), data('', { class: 'sub' }))),
      (row, check) => say(row.querySelector('.sub'), check.detail));
  }

  function render() {
    if (!figures) return;
    const { servers: list, memory, audit, viewers, tools: all } = figures;
    const sum = (member) => list.reduce((total, server) => total + (server[member] ?? 0), 0);
    const rows = [
      ['Connections', count(sum('connections')), ''], ['Sessions', count(sum('sessions')), ''], ['In flight', count(sum('requestsInFlight')), 'requests'],
      ['Heap', bytes(memory.heapUsedBytes), `of ${bytes(memory.heapMaxBytes)}`], ['Beside the heap', bytes((memory.nonHeapUsedBytes ?? 0) + (memory.directBytes ?? 0)), ''],
      ['Audit lag', audit.kept ? millis(audit.lagMillis) : 'off', audit.failure ? audit.failure : audit.kept ? `${count(audit.pending)} waiting${audit.lost > 0 ? `, ${count(audit.lost)} lost` : ''}` : 'nothing is recorded'], ['Pages open', count(viewers), ''],
    ];
    keyed(tiles, rows, ([title]) => title, ([title]) => h('div', {}, h('dt', {}, title), h('dd', {}, h('b'), h('span', { class: 'sub' }))), (tile, [title, value, note]) => {
      say(tile.querySelector('b'), value);
      say(tile.querySelector('.sub'), note);
      tile.classList.toggle('bad', title === 'Audit lag' && (!!audit.failure || audit.lost > 0));
    });
    const slowest = Math.max(1, ...all.map((tool) => tool.p99Millis ?? 0));
    const scale = (value) => `${(100 * Math.log1p(value ?? 0)) / Math.log1p(slowest)}%`;
    keyed(tools, whole ? all : all.slice(0, FIRST), (tool) => [tool.server, tool.method, tool.tool ?? tool.target].join('\n'), (tool) => h('tr', {},
      h('th', { scope: 'row' }, data(tool.tool ?? tool.target ?? tool.method)), h('td', {}, data(tool.server)), h('td', { class: 'number' }), h('td', { class: 'number' }), h('td', { class: 'number' }),
      h('td', { class: 'span', 'aria-hidden': 'true' }, h('div', {}, h('i')))),
    (row, tool) => {
      say(row.children[2], count(tool.finished));
      say(row.children[3], millis(tool.p50Millis));
      say(row.children[4], millis(tool.p99Millis));
      const bar = row.querySelector('i');
      bar.style.setProperty('left', scale(tool.p50Millis));
      bar.style.setProperty('width', `max(3px, calc(${scale(tool.p99Millis)} - ${scale(tool.p50Millis)}))`);
    });
    more.hidden = all.length <= FIRST;
    say(more, whole ? 'Show the busiest only' : `Show all ${count(all.length)}`);
    tools.closest('.wide').hidden = all.length === 0;
    show(noTools, all.length > 0 ? [] : empty(`No finished call in the ${windowWords(window)}`, 'Durations appear with the first call of a tool.'));
    keyed(servers, list, (server) => server.server, (server) => h('tr', {}, h('th', { scope: 'row' }, data(server.entry ?? server.server)), [1, 2, 3, 4, 5, 6, 7].map(() => h('td', { class: 'number' }))),
      (row, server) => [count(server.connections), count(server.sessions), count(server.requestsInFlight), count(server.requestsArriving), bytes(server.requestBytes ?? 0), bytes(server.answerBytes ?? 0), count(server.stalledReaders)].forEach((value, i) => say(row.children[1 + i], value)));
    upstreamSection.hidden = (figures.upstreams ?? []).length === 0;
    keyed(upstreams, figures.upstreams ?? [], (upstream) => `${upstream.server}\n${upstream.troubled}`, (upstream) => h('li', {}, upstream.troubled ? mark('limited', 'Troubled') : mark('permitted', 'OK'), h('span', {}, data(upstream.server, { class: 'strong' }), data('', { class: 'sub' }))),
      (row, upstream) => say(row.querySelector('.sub'), upstream.detail ?? ''));
  }

  async function draw() {
    charts ??= import('./chart.js').then(({ chart }) => Object.fromEntries(Object.entries(SERIES).map(([name, series]) => [name, chart(places[name], series)])));
    const ready = await charts;
    for (const [name, series] of Object.entries(SERIES)) {
      const values = { ...figures[name] };
      if (name === 'calls') values.permitted = values.permitted.map((number, i) => number - (values.wouldBeDenied?.[i] ?? 0));
      ready[name].set(figures.times, values, figures.stepSeconds);
      const steps = figures.times.length;
      const last = Math.max(0, steps - 2); // the last step is still filling
      const key = series.map(([member]) => values[member]?.[last] ?? 0);
      if (legends[name].key === key.join()) continue;
      legends[name].key = key.join();
      show(legends[name], series.map(([, word, outcome], i) => mark(outcome, `${word} ${perSecond(key[i] / figures.stepSeconds)}`)));
      places[name].setAttribute('aria-label', `${name} a second in the ${windowWords(window)}; now ${series.map(([, word], i) => `${word.toLowerCase()} ${perSecond(key[i] / figures.stepSeconds)}`).join(', ')}`);
    }
  }

  const polling = poll(load, 2000);
  app.stream.open({ outcome: 'failure' });
  return {
    element,
    params(given) {
      const before = window;
      window = windowOf(given);
      range.set(window);
      if (before !== window) load();
    },
    hello: (first) => first || load(),
    dispose() {
      polling.stop();
      charts?.then((ready) => Object.values(ready).forEach((one) => one.destroy()));
    },
  };
}

const perSecond = (number) => (number === 0 ? '0' : number < 10 ? number.toFixed(1) : count(number));
