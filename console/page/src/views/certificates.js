// SPDX-License-Identifier: Apache-2.0
// Every certificate, anchor, CRL and OCSP response on one time line, the most urgent first.
import { get, poll } from '../api.js';
import { command, commands, data, empty, facts, h, mark, say, show } from '../dom.js';
import { count, counted, peerName, relative, time } from '../format.js';
import { Detail, VirtualList } from '../list.js';
import { KINDS, statusWords } from '../words.js';
import { choices, trouble } from './common.js';

const HOUR = 3_600_000, DAY = 24 * HOUR, YEAR = 365 * DAY;
const TICKS = [[-YEAR, '1 year'], [-30 * DAY, '1 month'], [-DAY, '1 day'], [0, 'now'], [HOUR, '1 h'], [6 * HOUR, '6 h'], [DAY, '1 day'], [7 * DAY, '1 week'], [30 * DAY, '1 month'], [YEAR, '1 year'], [10 * YEAR, '10 years']];

/** The place of a time on the line, 0 to 1. The ticks are at equal distances; between two of them time is even. */
export function placeOf(left) {
  const next = TICKS.findIndex(([at]) => left < at);
  if (next <= 0) return next === 0 ? 0 : 1;
  const [from, to] = [TICKS[next - 1][0], TICKS[next][0]];
  return (next - 1 + (left - from) / (to - from)) / (TICKS.length - 1);
}

const NOW = placeOf(0);

export function certificates(app) {
  let params = {};
  let answer;
  let signature = '';
  let open;

  const summary = h('p', { class: 'summary', role: 'status' });
  const failed = trouble();
  const field = h('input', { type: 'search', name: 'find', placeholder: 'Find a name', 'aria-label': 'Find a name', autocomplete: 'off', spellcheck: 'false' });
  field.addEventListener('input', () => app.go('certificates', { ...params, find: field.value.trim() }, true));
  const kinds = choices('Kind', [['', 'All'], ['own', 'Ours'], ['peer', 'Peers'], ['anchor', 'Anchors'], ['crl', 'Revocation']], (kind) => app.go('certificates', { ...params, kind }, true));
  const axis = h('div', { class: 'axis', 'aria-hidden': 'true' }, h('div', { class: 'scale' }, TICKS.map(([at, text]) => h('span', { css: { left: `${placeOf(at) * 100}%` }, class: at === 0 ? 'now' : [-30 * DAY, 6 * HOUR, 7 * DAY, YEAR].includes(at) ? 'minor' : '' }, text))));
  const list = new VirtualList({ label: 'Certificates, the most urgent first', key: (item) => item.id, render: row, open: (item, byKey) => reveal(item, byKey) });
  const nothing = h('div');
  const detail = new Detail('Certificate', () => { open = undefined; list.choose(undefined); });
  const legend = h('div', { class: 'legend', 'aria-label': 'Legend', role: 'group' }, h('span', { class: 'key valid' }, 'valid'), h('span', { class: 'key renew' }, 'renewal due'), h('span', { class: 'key over' }, 'expired'), h('span', { class: 'hint' }, 'Each step of the time line is longer than the one before'));
  const element = h('div', { class: 'page full certificates' },
    h('div', { class: 'head' }, h('h1', {}, 'Certificates'), kinds.element, field), summary, failed.element,
    h('div', { class: 'split' }, h('div', { class: 'pane' }, axis, nothing, list.element, legend), detail.element));

  async function load() {
    try {
      answer = await get('certificates');
      failed.clear();
      render();
    } catch (error) {
      failed.tell(error);
    }
  }

  function render() {
    const find = (params.find ?? '').toLowerCase();
    const kind = params.kind ?? '';
    answer.certificates.forEach((item, i) => { item.id = i; });
    const items = answer.certificates.filter((item) => (kind === '' || item.kind === kind || (kind === 'crl' && item.kind === 'ocsp'))
      && (find === '' || [item.name, item.source, ...(item.usedBy ?? []), ...(item.vouchesFor ?? []), ...(item.chain ?? []).flatMap((c) => [c.subject, ...(c.names ?? [])])].some((text) => text?.toLowerCase().includes(find))));
    const urgent = answer.certificates.filter((item) => item.status !== 'ok');
    const first = answer.certificates.filter((item) => item.status === 'ok' && item.notAfter).sort((a, b) => (a.notAfter < b.notAfter ? -1 : 1))[0];
    const key = [answer.certificates.length, urgent.length, first?.name].join();
    if (summary.key !== key) {
      summary.key = key;
      show(summary, urgent.length > 0 ? [mark('limited', `${counted(urgent.length, 'item needs', 'items need')} attention`), ' · '] : [mark('permitted', 'Nothing is overdue'), ' · '],
        first ? ['next to expire: ', data(peerName(first.name).short), ' ', time(first.notAfter, relative(first.notAfter))] : '', answer.peersLeftOut > 0 ? ` · ${counted(answer.peersLeftOut, 'older peer', 'older peers')} left out` : '');
    }
    const now = JSON.stringify([items.map((item) => [item.kind, item.name, item.status, item.notAfter, item.notBefore]), Math.floor(Date.now() / 15_000)]);
    if (now !== signature) {
      signature = now;
      list.set(items, true);
    }
    list.element.hidden = axis.hidden = legend.hidden = items.length === 0;
    show(nothing, items.length > 0 ? [] : find || kind ? empty('Nothing matches', 'Names, subjects, servers and bindings are searched.') : empty('No certificates yet', 'Start a server with a credential:', command('mcp-mtls serve all --console')));
    const again = open && answer.certificates.find((item) => item.kind === open.kind && item.name === open.name && item.notBefore === open.notBefore);
    if (again) list.choose(again.id);
  }

  function reveal(item, byKey) {
    open = item;
    list.choose(item.id);
    detail.open([data(peerName(item.name).short), ' ', h('small', {}, mark(...statusWords(item.status)))], description(item), byKey);
  }

  const polling = poll(load, 10_000);
  app.stream.open({ outcome: 'failure' });
  return {
    element,
    params(given) {
      params = Object.fromEntries(Object.entries(given).filter(([name]) => name === 'find' || name === 'kind'));
      if (document.activeElement !== field) field.value = params.find ?? '';
      kinds.set(params.kind ?? '');
      if (answer) render();
    },
    hello: (first) => first || load(),
    dispose: () => { polling.stop(); list.dispose(); },
  };
}

function row(item) {
  const now = Date.now();
  const [style, word] = statusWords(item.status);
  const at = (instant) => placeOf(new Date(instant).getTime() - now);
  const from = item.notBefore ? at(item.notBefore) : item.notAfter ? Math.min(NOW, at(item.notAfter)) - 0.04 : undefined;
  const until = item.notAfter ? at(item.notAfter) : 1;
  const bar = from === undefined ? null : h('span', { class: `bar ${style}`, css: { left: `${Math.max(0, from) * 100}%`, width: `${Math.max(0.4, (until - Math.max(0, from)) * 100)}%` } });
  const renew = item.renewalDueAt ? h('span', { class: 'renew', css: { left: `${at(item.renewalDueAt) * 100}%` } }) : null;
  const left = item.notAfter && new Date(item.notAfter).getTime() - now;
  const what = item.kind === 'crl' || item.kind === 'ocsp' ? ['next update', 'was due'] : ['expires', 'expired'];
  return [
    mark(style, word),
    h('span', { class: 'who' }, data(peerName(item.name).short, { class: 'name', title: item.name }), h('span', { class: 'sub' }, KINDS[item.kind] ?? item.kind, item.kind === 'anchor' && item.binding ? ` · ${item.binding}` : '', item.usedBy?.length === 1 ? [' · ', data(item.usedBy[0])] : item.usedBy?.length > 1 ? ` · ${count(item.usedBy.length)} servers` : '')),
    h('span', { class: 'track', 'aria-hidden': 'true' }, h('i', { class: 'now', css: { left: `${NOW * 100}%` } }), bar, renew),
    h('span', { class: 'end' }, item.notAfter ? [`${left < 0 ? what[1] : what[0]} `, time(item.notAfter, relative(item.notAfter, now))] : 'no expiry known'),
  ];
}

/** The fields that matter, the chain as a tree, and the command that acts. */
function description(item) {
  const list = (texts) => (texts?.length > 0 ? h('ul', { class: 'plain' }, texts.map((text) => h('li', {}, data(text)))) : undefined);
  return [
    item.detail || item.remedy ? h('div', { class: item.status === 'ok' ? 'callout fine' : 'callout' }, item.detail ? h('p', {}, data(item.detail)) : null, item.remedy ? [h('h3', {}, item.status === 'ok' ? 'When it is due' : 'Remedy'), h('p', {}, data(item.remedy)), commands(item.remedy)] : null) : null,
    h('h3', {}, KINDS[item.kind] ?? item.kind),
    facts([
      ['Name', data(item.name)],
      ['Used by', list(item.usedBy)],
      ['File', item.source && data(item.source)],
      ['Vouches for', list(item.vouchesFor)],
      ['Binding', item.binding && { ours: 'ours: our trust domain and every other name', bound: 'bound to these names', unbound: 'unbound: it should be bound to names' }[item.binding]],
      ['Believed', item.assurance?.toLowerCase()],
      ['Valid from', item.notBefore && h('span', {}, time(item.notBefore, 'date'))],
      ['Renewal due', item.renewalDueAt && h('span', {}, time(item.renewalDueAt, 'date'), ` · ${relative(item.renewalDueAt)}`)],
      [item.kind === 'crl' || item.kind === 'ocsp' ? 'Next update' : 'Expires', item.notAfter && h('span', {}, time(item.notAfter, 'date'), ` · ${relative(item.notAfter)}`)],
      ['First seen', item.firstSeenAt && h('span', {}, time(item.firstSeenAt, 'date'))],
      ['Last seen', item.lastSeenAt && h('span', {}, time(item.lastSeenAt, relative(item.lastSeenAt)))],
      ['Connections', item.connections !== undefined && count(item.connections)],
    ]),
    item.kind === 'peer' ? h('nav', { class: 'links', 'aria-label': 'Related' }, h('a', { href: `#/events?${new URLSearchParams({ peer: item.name })}` }, 'Its events'), h('a', { href: `#/access?${new URLSearchParams({ peer: item.name })}` }, 'What it may call')) : null,
    item.chain?.length > 0 ? [h('h3', {}, 'Chain'), tree([...item.chain].reverse())] : null,
  ];
}

/** The anchor at the top, each certificate below its issuer. */
function tree([top, ...rest]) {
  const over = top.notAfter && new Date(top.notAfter) < new Date();
  const label = { anchor: 'Trust anchor', intermediate: 'Intermediate', leaf: 'Leaf' }[top.role] ?? top.role;
  return h('ul', { class: 'tree' }, h('li', {},
    h('details', { open: top.role === 'leaf' || rest.length === 0 }, h('summary', {}, h('span', { class: 'tag' }, label), ' ', data(top.subject), over ? [' ', mark('refused', 'Expired')] : null),
      facts([
        ['Issuer', top.issuer && data(top.issuer)],
        ['Names', top.names?.length > 0 ? h('ul', { class: 'plain' }, top.names.map((name) => h('li', {}, data(name)))) : undefined],
        ['Valid', top.notBefore && h('span', {}, time(top.notBefore, 'date'), ' to ', time(top.notAfter, 'date'))],
        ['Key', top.key && data(top.key)],
        ['Signature', top.signature && data(top.signature)],
        ['Serial number', top.serialNumber && data(top.serialNumber, { class: 'mono' })],
        ['SHA-256', top.sha256 && data(top.sha256, { class: 'mono' })],
      ])),
    rest.length > 0 ? tree(rest) : null));
}
