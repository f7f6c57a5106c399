// SPDX-License-Identifier: Apache-2.0
// The audit log as it grows. The filters are in the address bar; a click opens the evidence.
import { get } from '../api.js';
import { button, command, commands, data, empty, facts, h, mark, say, show } from '../dom.js';
import { count, counted, relative, time } from '../format.js';
import { Detail, VirtualList } from '../list.js';
import { outcomeOf, reasonWords } from '../words.js';
import { select, trouble } from './common.js';

const FILTERS = ['peer', 'server', 'tool', 'outcome', 'reason', 'action', 'connection', 'since', 'until'];
const LIVE = ['peer', 'server', 'tool', 'outcome', 'reason', 'action', 'connection'];
const MOST = 10_000, PAGE = 200, PARTS = 20, ENOUGH = 30;

export function events(app) {
  let filters = {};
  let all = [];
  let next;
  let loading = false;
  let round = 0;
  let open;
  let held = [];
  let paused = false;
  let gaps = 0;
  let newest = 0;

  const failed = trouble();
  const summary = h('p', { class: 'summary', role: 'status' });
  const pause = button('Pause', () => { paused = !paused; say(pause, paused ? 'Resume' : 'Pause'); pause.setAttribute('aria-pressed', paused); if (!paused) release(); });
  const fresh = button('', () => { release(); list.top(); }, { class: 'fresh', hidden: true });
  const fields = {
    peer: h('input', { name: 'peer', placeholder: 'any', list: 'known-peers', autocomplete: 'off', spellcheck: 'false' }),
    server: select('server', [['', 'any']]),
    tool: h('input', { name: 'tool', placeholder: 'any', list: 'known-tools', autocomplete: 'off', spellcheck: 'false' }),
    outcome: select('outcome', [['', 'any'], ['failure', 'refused or failed'], ['success', 'accepted or done']]),
    reason: select('reason', [['', 'any']]),
    action: select('action', [['', 'any']]),
    connection: h('input', { name: 'connection', placeholder: 'any', autocomplete: 'off', spellcheck: 'false' }),
  };
  const labels = { peer: 'Peer', server: 'Server', tool: 'Tool', outcome: 'Outcome', reason: 'Reason', action: 'Action', connection: 'Connection' };
  const peers = h('datalist', { id: 'known-peers' });
  const tools = h('datalist', { id: 'known-tools' });
  const title = h('summary', {}, 'Filters');
  const clear = button('Clear', () => app.go('events'), { class: 'quiet' });
  const form = h('form', { class: 'filters', on: { submit: (event) => event.preventDefault(), change: apply, input: typed } },
    Object.entries(fields).map(([name, field]) => h('label', {}, h('span', {}, labels[name]), field)), clear, peers, tools);
  const drawer = h('details', { class: 'drawer' }, title, form);
  drawer.open = matchMedia('(min-width: 760px)').matches;
  const list = new VirtualList({ label: 'Events, newest first', key: (event) => event.id, render: row, open: (event, byKey) => reveal(event, byKey), more });
  const nothing = h('div');
  const detail = new Detail('Event', () => { open = undefined; list.choose(undefined); put({ open: undefined }); });
  const element = h('div', { class: 'page full' },
    h('div', { class: 'head' }, h('h1', {}, 'Live events'), pause, summary), drawer, failed.element,
    h('div', { class: 'split' }, h('div', { class: 'pane' }, fresh, nothing, list.element), detail.element));
  list.element.addEventListener('scroll', () => { if (list.isAtTop && !paused && held.length > 0) release(); });

  let typing;
  function typed(event) {
    clearTimeout(typing);
    if (event.target.matches('input')) typing = setTimeout(apply, 350);
  }

  function apply() {
    clearTimeout(typing);
    put(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()])));
  }

  function put(changes) {
    app.go('events', { ...filters, open, ...changes }, true);
  }

  /** Starts over with other filters. */
  async function load() {
    const mine = ++round;
    all = [];
    held = [];
    next = undefined;
    loading = true;
    list.set([]);
    list.top();
    settle();
    app.stream.open(Object.fromEntries(LIVE.map((name) => [name, filters[name]])));
    await page(mine, {});
  }

  /** Reads on; the server reads a part of the log at a time, in which there may be no event of these filters. */
  async function page(mine, more) {
    loading = true;
    try {
      for (let part = 0, found = 0; part < PARTS && found < ENOUGH; part++) {
        const answer = await get('events', { ...Object.fromEntries(FILTERS.map((name) => [name, filters[name]])), limit: PAGE, ...more });
        if (mine !== round) return;
        failed.clear();
        next = answer.next;
        found += answer.events.length;
        newest = Math.max(newest, answer.events[0]?.id ?? 0);
        merge(answer.events);
        if (next === undefined) break;
        more = { before: next };
      }
    } catch (error) {
      if (mine !== round) return;
      failed.tell(error);
      next = undefined;
    }
    loading = false;
    settle();
  }

  function more() {
    if (!loading && next !== undefined && all.length < MOST) page(round, { before: next });
  }

  /** Adds events, each once, in the order of the log; keeps the newest. */
  function merge(events) {
    const known = new Set(all.map((event) => event.id));
    const added = events.filter((event) => !known.has(event.id));
    if (added.length > 0) {
      all = [...added, ...all].sort((a, b) => place(b) - place(a));
      if (all.length > MOST) all.length = MOST;
      list.set(all);
    }
    settle();
  }

  function release() {
    const waiting = held;
    held = [];
    merge(waiting);
  }

  function settle() {
    const filtered = FILTERS.filter((name) => filters[name]).length;
    say(title, filtered > 0 ? `Filters (${filtered})` : 'Filters');
    clear.hidden = filtered === 0;
    const failures = all.filter((event) => event.outcome === 'failure').length;
    say(summary, all.length === 0 ? '' : `${counted(all.length, 'event')}${next === undefined ? '' : ' so far'}, ${count(failures)} refused or failed${all.length >= MOST ? '; the newest are kept' : ''}`);
    list.element.hidden = all.length === 0;
    fresh.hidden = held.length === 0;
    if (held.length > 0) say(fresh, `${counted(held.length, 'new event')} ↑`);
    show(nothing, all.length > 0 ? [] : loading ? h('p', { class: 'hint' }, 'Reading the audit log …')
      : filtered > 0 ? empty('No event matches these filters', 'New ones appear here as they happen.', button('Clear the filters', () => app.go('events')))
        : failed.element.hidden ? empty('The audit log is empty', 'Connections, calls and refusals appear here as they happen. Call a tool from another terminal:', command(`mcp-mtls tools ${app.about?.servers?.[0]?.uri ?? 'https://localhost:8445/mcp'}`)) : []);
  }

  function offer() {
    const { about } = app;
    if (!about) return;
    const options = (field, values) => {
      const value = field.value || filters[field.name] || '';
      show(field, h('option', { value: '' }, 'any'), [...new Set(value ? [...values, value] : values)].map((each) => h('option', { value: each }, each)));
      field.value = value;
    };
    options(fields.server, about.servers.map((server) => server.server));
    options(fields.reason, about.reasons);
    options(fields.action, about.actions);
  }

  function reveal(event, byKey) {
    open = event.id;
    list.choose(event.id);
    detail.open(mark(...outcomeOf(event)), event.missed ? [] : evidence(event), byKey);
    if (String(openOfAddress) !== String(event.id)) put({});
  }
  let openOfAddress;

  offer();
  get('map', { window: '1d' }).then((answer) => {
    show(peers, [...new Set([...answer.peers.map((peer) => peer.peer), ...answer.refusals.map((refusal) => refusal.peer).filter(Boolean)])].slice(0, 300).map((value) => h('option', { value })));
    show(tools, [...new Set(answer.servers.flatMap((server) => server.tools))].slice(0, 300).map((value) => h('option', { value })));
  }, () => {});

  return {
    element,
    about: () => { offer(); settle(); },
    params(params) {
      const before = JSON.stringify(filters);
      filters = Object.fromEntries(FILTERS.filter((name) => params[name]).map((name) => [name, params[name]]));
      openOfAddress = params.open;
      for (const [name, field] of Object.entries(fields)) {
        if (document.activeElement === field && field.tagName === 'INPUT') continue;
        if (field.tagName === 'SELECT' && params[name] && ![...field.options].some((option) => option.value === params[name])) field.append(h('option', { value: params[name] }, params[name]));
        field.value = params[name] ?? '';
      }
      if (round === 0 || before !== JSON.stringify(filters)) load();
      if (params.open && String(open) !== params.open && /^\d+$/.test(params.open)) {
        open = Number(params.open);
        get('events', { before: open + 1, limit: 1 }).then((answer) => { if (answer.events[0]?.id === open) reveal(answer.events[0], false); }, () => {});
      }
    },
    events(batch) {
      if (filters.until) return;
      const numbered = batch.map((event) => {
        newest = Math.max(newest, event.id ?? 0);
        return event.missed ? { id: `gap${++gaps}`, missed: event.missed, after: newest } : event;
      });
      if (paused || !list.isAtTop) {
        held = [...numbered.reverse(), ...held].slice(0, MOST);
        settle();
      } else {
        merge(numbered);
      }
    },
    dispose: () => { round++; clearTimeout(typing); list.dispose(); },
  };
}

/** The place in the log; a gap is behind the last event before it. */
const place = (event) => (event.missed ? event.after + 0.5 : event.id);

function row(event) {
  if (event.missed) return h('p', { class: 'gap' }, `${counted(event.missed, 'event')} came faster than this page could read; reload to see them.`);
  const [outcome, word] = outcomeOf(event);
  return [
    h('span', { class: 'when' }, time(event.at)), mark(outcome, word), h('span', { class: 'sentence' }, data(event.sentence)),
    h('span', { class: 'at' }, event.reason ? data(event.reason, { class: 'code', title: reasonWords(event.reason) }) : null, data(event.server ?? event.service ?? '', { class: 'sub' })),
  ];
}

const link = (params, text) => h('a', { href: `#/events?${new URLSearchParams(Object.entries(params).filter(([, value]) => value))}` }, text);

/** All that is known about an event: cause, remedy, who, which certificate, which rule. */
function evidence(event) {
  const names = (list) => (list?.length > 0 ? h('ul', { class: 'plain' }, list.map((text) => h('li', {}, data(text)))) : undefined);
  const codes = (list) => (list?.length > 0 ? h('ul', { class: 'plain' }, list.map((code) => h('li', {}, h('span', { class: 'code' }, data(code)), reasonWords(code) ? ` ${reasonWords(code)}` : ''))) : undefined);
  const where = event.server ?? event.service;
  const called = event.tool ?? event.target;
  return [
    h('p', { class: 'lead' }, data(event.sentence)),
    event.cause || event.remedy ? h('div', { class: 'callout' },
      event.cause ? [h('h3', {}, 'Cause'), h('p', {}, data(event.cause))] : null,
      event.remedy ? [h('h3', {}, 'Remedy'), h('p', {}, data(event.remedy))] : null,
      commands(event.remedy)) : null,
    h('nav', { class: 'links', 'aria-label': 'Related' },
      event.peer ? link({ peer: event.peer }, 'Events of this peer') : null,
      event.connection ? link({ connection: event.connection }, 'This connection') : null,
      event.reason ? link({ reason: event.reason }, `All ${event.reason}`) : null,
      event.peer && called && event.action?.startsWith('call') ? h('a', { href: `#/access?${new URLSearchParams({ peer: event.peer, server: where, ...(event.tool ? { tool: event.tool } : { method: event.method }) })}` }, 'Explain the decision') : null,
      event.peer ? h('a', { href: `#/certificates?${new URLSearchParams({ find: event.peer })}` }, 'Its certificate') : null),
    h('h3', {}, 'Event'),
    facts([
      ['Time', h('span', {}, time(event.at, 'date'), ` · ${relative(event.at)}`)],
      ['Action', event.action],
      ['Server', where && data(where)],
      ['Call', event.method && data([event.method, called].filter(Boolean).join(' '))],
      ['Rule', event.rule && data(event.rule)],
      ['Failed rules', names(event.failedRules)],
      ['Reason', event.reason && codes([event.reason])],
      ['Findings', event.findings?.length > 1 ? codes(event.findings) : undefined],
      ['Strict would refuse', codes(event.wouldReject)],
      ['Relaxations', names(event.relaxations)],
      ['Count', event.count],
      ['Reasons', names(event.reasons)],
      ['Addresses', names(event.addresses)],
      ['Credential', event.credential && data(event.credential)],
    ]),
    h('h3', {}, 'Peer'),
    facts([
      [event.claimed ? 'Claims to be' : 'Identity', event.peer && data(event.peer)],
      ['Believed', event.claimed ? 'no: nothing vouches for this name' : event.assurance?.toLowerCase()],
      ['Address', event.address && data(event.address)],
      ['Balancer', event.balancer && data(event.balancer)],
      ['Session', event.session && data(event.session)],
      ['Connection', event.connection && [data(event.connection), h('p', { class: 'hint' }, 'In the peer’s log: ', h('code', {}, `mcp-mtls audit --client --connection ${event.connection}`))]],
      ['TLS', event.tls && data([event.tls.version && `TLS ${event.tls.version}`, event.tls.cipher, event.tls.resumed ? 'resumed' : 'full handshake'].filter(Boolean).join(', '))],
      ['Alert sent', event.alert && data(event.alert)],
      ['Validation', event.validation],
    ]),
    certificate(event.certificate),
  ];
}

function certificate(c) {
  if (!c?.subject) return null;
  const over = c.notAfter && new Date(c.notAfter) < new Date();
  return [h('h3', {}, 'Certificate presented'), facts([
    ['Subject', data(c.subject)], ['Issuer', c.issuer && data(c.issuer)], ['Names', h('ul', { class: 'plain' }, (c.names ?? []).map((name) => h('li', {}, data(name))))],
    ['Valid', h('span', {}, time(c.notBefore, 'date'), ' to ', time(c.notAfter, 'date'))], [over ? 'Expired' : 'Expires', c.notAfter && time(c.notAfter, relative(c.notAfter))],
    ['Serial number', c.serialNumber && data(c.serialNumber, { class: 'mono' })], ['SHA-256', c.sha256 && data(c.sha256, { class: 'mono' })],
  ])];
}
