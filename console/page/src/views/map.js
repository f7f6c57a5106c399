// SPDX-License-Identifier: Apache-2.0
// Identities on the left, servers and their tools on the right; a line is the calls between two of them. Refusals stop at the edge.
import { get, poll } from '../api.js';
import { button, command, data, empty, h, keyed, mark, say, show, svg } from '../dom.js';
import { count, counted, peerName, rate, relative, time } from '../format.js';
import { outcomeOf, reasonWords } from '../words.js';
import { WINDOWS, breath, choices, trouble, windowOf, windowWords } from './common.js';

const EVERY = 2000, WIDEST = 20;
const PEERS = 24, TOOLS = 8, SERVERS = 16, REFUSED = 12, ROWS = 100, LATEST = 4, LINES = 400;
const OTHERS = '\u0000others', REQUESTS = '\u0000requests';

/** The node of an edge among its server's; requests about no tool, prompt or resource share one. */
const nodeOf = (edge) => edge.tool ?? edge.target ?? REQUESTS;
const OUTCOMES = [['permitted', 'Permitted'], ['shadow', 'Would be denied'], ['limited', 'Rate limited'], ['refused', 'Refused']];

export function map(app) {
  let window = '5m';
  let find = '';
  let chosen;
  let whole = false;
  let facts;
  let latest = [];
  let asked;
  let drawing = false;

  const summary = h('p', { class: 'summary', role: 'status' });
  const failed = trouble();
  const range = choices('Time', WINDOWS, (key) => app.go('map', { window: key === '5m' ? undefined : key, find }));
  const field = h('input', { type: 'search', name: 'find', placeholder: 'Find an identity, server or tool', 'aria-label': 'Find an identity, server or tool', autocomplete: 'off', spellcheck: 'false' });
  field.addEventListener('input', () => app.go('map', { window: window === '5m' ? undefined : window, find: field.value.trim() }, true));
  const strip = h('ol', { class: 'strip', 'aria-label': 'Latest refusals' });
  const lines = svg('svg', { class: 'lines', 'aria-hidden': 'true' });
  const peers = h('ul', { class: 'peers', 'aria-label': 'Identities' });
  const more = h('p', { class: 'more' });
  const refused = h('ul', { class: 'peers refusals', 'aria-label': 'Refused connections' });
  const refusedTitle = h('h2', {}, 'Refused at the edge');
  const servers = h('ul', { class: 'servers', 'aria-label': 'Servers' });
  const chart = h('div', { class: 'graph' }, lines,
    h('div', { class: 'left' }, h('h2', {}, 'Identities'), peers, more, refusedTitle, refused),
    h('div', { class: 'right' }, h('h2', {}, h('span', {}, 'Edge'), h('span', {}, 'Servers and tools')), servers));
  const nothing = h('div');
  const selection = h('div', { class: 'selection', hidden: true });
  const rows = h('tbody');
  const table = h('details', { class: 'table' }, h('summary', {}, 'The same as a table'), h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Calls as a table' }, h('table', {},
    h('thead', {}, h('tr', {}, ['Identity', 'Server', 'Tool or method', 'Calls', 'Permitted', 'Would be denied', 'Rate limited', 'Denied'].map((title) => h('th', { scope: 'col' }, title)))), rows)));
  const older = h('p', { class: 'hint' }, 'Older than a day: ', h('a', { href: '#/events' }, 'the audit log'), '.');
  const legend = h('div', { class: 'legend', 'aria-label': 'Legend', role: 'group' }, OUTCOMES.map(([outcome, word]) => mark(outcome, word)), h('span', { class: 'hint' }, 'Width: calls a minute'));
  const element = h('div', { class: 'page map' },
    h('div', { class: 'head' }, h('h1', {}, 'Map'), field, range.element), summary, failed.element, strip, selection, nothing, chart, legend, table, older);

  table.addEventListener('toggle', drawTable);

  const size = new ResizeObserver(drawSoon);
  size.observe(chart);

  async function load() {
    try {
      const mine = (asked = {});
      const answer = await get('map', { window });
      await breath(); // parsing is a task of its own
      if (mine !== asked) return;
      facts = answer;
      failed.clear();
      render();
    } catch (error) {
      failed.tell(error);
    }
  }

  let model;
  let rendering;
  /** Shows the facts, in tasks so short that the page stays responsive. */
  async function render() {
    const mine = (rendering = {});
    model = reduce(facts, { find: find.toLowerCase(), whole });
    const any = model.peers.length + model.refusals.length > 0;
    summarise(facts);
    show(nothing, any ? [] : find ? empty(`Nothing matches “${find}”`, 'Identities, servers, tools and reasons are searched.') : idle(app));
    chart.hidden = !any;
    legend.hidden = !any;
    table.hidden = facts.edges.length === 0;
    refusedTitle.hidden = model.refusals.length === 0;
    show(more, model.hidden > 0 ? button(`Show ${counted(model.hidden, 'more identity', 'more identities')}`, () => { whole = true; render(); }, { class: 'quiet' })
      : whole && model.total > PEERS ? button('Show the busiest only', () => { whole = false; render(); }, { class: 'quiet' }) : []);
    for (const part of [drawPeers, drawServers, drawTable, choose, draw]) {
      await breath();
      if (mine !== rendering) return;
      part();
    }
  }

  function drawSoon() {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => setTimeout(() => {
      drawing = false;
      draw();
    }));
  }

  function summarise({ edges, refusals, seconds }) {
    const sum = (member) => edges.reduce((all, edge) => all + edge[member], 0);
    const turned = refusals.reduce((all, refusal) => all + refusal.count, 0);
    const identities = new Set(edges.map((edge) => edge.peer)).size;
    const denied = sum('denied') + sum('rateLimited');
    const part = (n, words, outcome) => (n > 0 ? [' ', mark(outcome, `${count(n)} ${words}`)] : []);
    const words = edges.length === 0 ? 'No calls' : `${counted(identities, 'identity', 'identities')} made ${counted(sum('calls'), 'call')}`;
    const key = [words, denied, turned, sum('wouldBeDenied'), seconds].join();
    if (summary.key === key) return;
    summary.key = key;
    show(summary, `${words} in the ${windowWords(window)}.`, part(denied, denied === 1 ? 'call denied' : 'calls denied', 'refused'), part(sum('wouldBeDenied'), 'would be denied', 'shadow'),
      part(turned, turned === 1 ? 'connection refused' : 'connections refused', 'refused'));
  }

  function drawPeers() {
    keyed(peers, model.peers, (peer) => peer.id, (peer) => {
      const name = peer.id === OTHERS ? h('span', { class: 'name' }, 'All others') : data(placeIn(peer.name).name, { class: 'name', title: peer.name });
      const row = h('li', {}, h('button', { type: 'button', on: { click: () => { chosen = chosen === peer.id ? undefined : peer.id; choose(); drawSoon(); } } }, name, h('span', { class: 'sub' })));
      row.addEventListener('pointerenter', () => highlight(peer.id));
      row.addEventListener('pointerleave', () => highlight(chosen));
      return row;
    }, (row, peer) => {
      say(row.querySelector('.sub'), peer.calls === 0 ? 'no calls' : `${rate(peer.perMinute)}/min${peer.turned > 0 ? ` · ${count(peer.turned)} denied` : ''}`);
      row.classList.toggle('troubled', peer.turned > 0);
      row.dataset.group = peer.isFirst ? peer.group : '';
      row.classList.toggle('first', peer.isFirst);
    });
    keyed(refused, model.refusals, (refusal) => refusal.id, (refusal) => {
      return h('li', {}, h('a', { href: eventsOf({ reason: refusal.reason, peer: refusal.peer === '(others)' ? undefined : refusal.peer, outcome: 'failure' }) },
        refusal.peer ? data(peerName(refusal.peer).short, { class: 'name', title: `claims to be ${refusal.peer}` }) : h('span', { class: 'name' }, refusal.reason === 'NO_CERTIFICATE' ? 'no certificate' : 'no name'),
        h('span', { class: 'sub' }, h('span', { class: 'code', title: reasonWords(refusal.reason) }, refusal.reason), h('span', { class: 'times' }))));
    }, (row, refusal) => say(row.querySelector('.times'), ` ×${count(refusal.count)}`));
  }

  function drawServers() {
    keyed(servers, model.servers, (server) => server.server, (server) => h('li', { class: 'server' }, h('ul', { class: 'gate' }), h('div', { class: 'card' },
      h('h3', {}, data(server.entry ?? server.server), h('span', { class: 'sub' })), h('ul', { class: 'tools' }))), (row, server) => {
      say(row.querySelector('h3 .sub'), server.calls > 0 ? `${rate(server.perMinute)}/min` : 'no calls');
      keyed(row.querySelector('.gate'), server.gate, (chip) => chip.reason, (chip) => h('li', {},
        h('a', { href: eventsOf({ reason: chip.reason, server: server.server }), class: `chip ${chip.outcome}`, title: reasonWords(chip.reason) }, mark(chip.outcome, ''), h('span', { class: 'code' }, data(chip.reason)), h('b'))),
      (node, chip) => say(node.querySelector('b'), `×${count(chip.count)}`));
      keyed(row.querySelector('.tools'), server.tools, (tool) => tool.id, (tool) => h('li', {}, tool.id === OTHERS ? h('span', { class: 'name' }, '')
        : h('a', { href: eventsOf({ server: server.server, tool: tool.isMethod ? undefined : tool.id }), title: tool.isMethod ? [...tool.methods].join(', ') : tool.id }, tool.isMethod ? h('span', { class: 'name method' }, 'lists and other requests') : data(tool.id, { class: 'name' })), h('span', { class: 'sub' })),
      (node, tool) => {
        if (tool.id === OTHERS) say(node.querySelector('.name'), `${count(tool.many)} more`);
        node.classList.toggle('idle', tool.calls === 0);
        say(node.querySelector('.sub'), tool.calls > 0 ? `${rate(tool.perMinute)}/min` : '');
      });
    });
  }

  /** The lines, from where the rows are now. */
  function draw() {
    if (!model || chart.hidden || peers.childElementCount !== model.peers.length || servers.childElementCount !== model.servers.length) return;
    const box = chart.getBoundingClientRect();
    const at = (node, side) => {
      const b = node.getBoundingClientRect();
      return [(side === 'right' ? b.right : b.left) - box.left, b.top + Math.min(b.height, 40) / 2 - box.top];
    };
    const starts = new Map();
    [...peers.children].forEach((row, i) => starts.set(model.peers[i].id, at(row.firstChild, 'right')));
    const refusedStarts = new Map();
    [...refused.children].forEach((row, i) => refusedStarts.set(model.refusals[i].id, at(row.firstChild, 'right')));
    const ends = new Map();
    const gates = new Map();
    [...servers.children].forEach((row, i) => {
      const server = model.servers[i];
      [...row.querySelector('.tools').children].forEach((node, j) => ends.set(`${server.server}\n${server.tools[j].id}`, at(node, 'left')));
      [...row.querySelector('.gate').children].forEach((node, j) => gates.set(`${server.server}\n${server.gate[j].reason}`, at(node, 'left')));
    });
    lines.setAttribute('viewBox', `0 0 ${box.width} ${box.height}`);
    lines.setAttribute('width', box.width);
    lines.setAttribute('height', box.height);
    const drawn = [];
    for (const link of model.links) {
      if (drawn.length >= LINES && link.from !== chosen) continue;
      const from = (link.refusal ? refusedStarts : starts).get(link.from);
      const to = (link.gate ? gates : ends).get(link.to);
      if (from && to) drawn.push({ link, from, to });
    }
    const [leaving, arriving] = [({ link }) => `${!!link.refusal}${link.from}`, ({ link }) => `${!!link.gate}${link.to}`].map((key) => groups(drawn, key));
    const most = Math.max(0.001, ...[...leaving, ...arriving].map((group) => group.reduce((sum, { link }) => sum + link.perMinute, 0)));
    for (const one of drawn) one.width = Math.max(1.5, (WIDEST * one.link.perMinute) / most);
    for (const group of leaving) spread(group, 'from', 'to');
    for (const group of arriving) spread(group, 'to', 'from');
    const paths = drawn.map(({ link, from, to, width, fromAt, toAt }) => {
      const bend = Math.max(12, (to[0] - from[0]) * 0.45);
      const path = svg('path', { class: link.outcome, 'stroke-width': width.toFixed(1), d: `M${from[0].toFixed(1)} ${fromAt.toFixed(1)}C${(from[0] + bend).toFixed(1)} ${fromAt.toFixed(1)} ${(to[0] - bend).toFixed(1)} ${toAt.toFixed(1)} ${to[0].toFixed(1)} ${toAt.toFixed(1)}` });
      path.peer = link.from;
      return path;
    });
    lines.replaceChildren(...paths);
    highlight(chosen);
  }

  function groups(list, key) {
    const all = new Map();
    for (const one of list) {
      const id = key(one);
      if (all.has(id)) all.get(id).push(one);
      else all.set(id, [one]);
    }
    return [...all.values()];
  }

  /** Lays the lines of one node beside each other, in the order of their other ends. */
  function spread(group, here, there) {
    group.sort((a, b) => a[there][1] - b[there][1] || (a.link.outcome < b.link.outcome ? 1 : -1));
    let at = group[0][here][1] - group.reduce((sum, { width }) => sum + width, 0) / 2;
    for (const one of group) {
      one[`${here}At`] = at + one.width / 2;
      at += one.width;
    }
  }

  function highlight(id) {
    lines.classList.toggle('focused', id !== undefined);
    for (const path of lines.children) path.classList.toggle('on', path.peer === id);
  }

  function choose() {
    [...peers.children].forEach((row, i) => row.firstChild.setAttribute('aria-pressed', model.peers[i].id === chosen));
    const peer = model.peers.find(({ id }) => id === chosen && id !== OTHERS);
    selection.hidden = !peer;
    if (!peer) return;
    show(selection, h('p', {}, data(peer.name), peer.assurance ? h('span', { class: 'tag' }, peer.assurance.toLowerCase()) : null,
      ` made ${counted(peer.calls, 'call')}${peer.turned > 0 ? `, of which ${count(peer.turned)} were denied` : ''}.`, peer.lastAt ? [' Last seen ', time(peer.lastAt, relative(peer.lastAt)), '.'] : null),
    h('p', {}, h('a', { href: eventsOf({ peer: peer.name }) }, 'Its events'), h('a', { href: `#/access?${new URLSearchParams({ peer: peer.name })}` }, 'What it may call'), h('a', { href: `#/certificates?${new URLSearchParams({ find: peer.name })}` }, 'Its certificate')));
  }

  function drawTable() {
    if (!table.open || !facts) return;
    keyed(rows, facts.edges.slice(0, ROWS), (edge) => [edge.peer, edge.server, edge.method, edge.tool ?? edge.target].join('\n'), (edge) => h('tr', {},
      h('th', { scope: 'row' }, data(edge.peer)), h('td', {}, data(edge.server)), h('td', {}, data(edge.tool ?? [edge.method, edge.target].filter(Boolean).join(' '))), [1, 2, 3, 4, 5].map(() => h('td', { class: 'number' }))),
    (row, edge) => ['calls', 'permitted', 'wouldBeDenied', 'rateLimited', 'denied'].forEach((member, i) => say(row.children[3 + i], count(edge[member]))));
  }

  function drawLatest() {
    keyed(strip, latest, (event) => event.id, (event) => h('li', { class: 'new' }, mark(...outcomeOf(event)), time(event.at), h('a', { href: eventsOf({ outcome: 'failure', open: event.id }) }, data(event.sentence))));
  }

  const polling = poll(load, EVERY);
  app.stream.open({ outcome: 'failure' });
  get('events', { outcome: 'failure', limit: LATEST }).then((answer) => {
    latest = [...latest, ...answer.events.filter((event) => !latest.some(({ id }) => id === event.id))].slice(0, LATEST);
    drawLatest();
  }, () => {});

  return {
    element,
    params(params) {
      const before = window;
      window = windowOf(params);
      find = params.find ?? '';
      if (field.value.trim() !== find) field.value = find;
      range.set(window);
      if (before !== window) load();
      else if (facts) render();
    },
    events(list) {
      latest = [...list.filter((event) => event.id).reverse(), ...latest].slice(0, LATEST);
      drawLatest();
      polling.now();
    },
    hello: (first) => first || load(),
    dispose() {
      polling.stop();
      size.disconnect();
    },
  };
}

/** A peer's last segment, and all before it as the heading of a group. */
function placeIn(peer) {
  const { short, group } = peerName(peer);
  const at = group && peer.startsWith('spiffe:') ? short.lastIndexOf('/') : -1;
  return at < 0 ? { name: short, group } : { name: short.slice(at + 1), group: `${group}/${short.slice(0, at)}` };
}

const eventsOf = (params) => `#/events?${new URLSearchParams(Object.entries(params).filter(([, value]) => value !== undefined))}`;

function idle(app) {
  const uri = app.about?.servers?.[0]?.uri ?? 'https://localhost:8445/mcp';
  return empty('No calls yet', 'Calls appear here as soon as a client makes one. List the tools of a server from another terminal:', command(`mcp-mtls tools ${uri}`));
}

/** The busiest nodes and the links between them; all others are one node each. */
export function reduce(facts, { find, whole }) {
  const matches = (...texts) => texts.some((text) => text?.toLowerCase().includes(find));
  const entries = new Map(facts.servers.map((server) => [server.server, server.entry]));
  const edges = find === '' ? facts.edges : facts.edges.filter((edge) => matches(edge.peer, edge.server, entries.get(edge.server), edge.tool, edge.target, edge.method, ...Object.keys(edge.reasons ?? {})));
  const refusals = find === '' ? facts.refusals : facts.refusals.filter((refusal) => matches(refusal.peer, refusal.server, entries.get(refusal.server), refusal.reason));
  const seen = new Map((facts.peers ?? []).map((peer) => [peer.peer, peer]));

  const byPeer = new Map();
  for (const edge of edges) {
    const peer = byPeer.get(edge.peer) ?? { id: edge.peer, name: edge.peer, group: placeIn(edge.peer).group, calls: 0, perMinute: 0, turned: 0, assurance: seen.get(edge.peer)?.assurance, lastAt: seen.get(edge.peer)?.lastAt };
    peer.calls += edge.calls;
    peer.perMinute += edge.callsPerMinute;
    peer.turned += edge.denied + edge.rateLimited;
    byPeer.set(edge.peer, peer);
  }
  const busiest = [...byPeer.values()].sort((a, b) => b.calls - a.calls);
  const kept = whole ? busiest : busiest.slice(0, PEERS);
  const rest = busiest.slice(kept.length);
  const keptIds = new Set(kept.map((peer) => peer.id));
  const peers = kept.sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.name < b.name ? -1 : 1));
  if (rest.length > 0) {
    const total = (member) => rest.reduce((sum, peer) => sum + peer[member], 0);
    peers.push({ id: OTHERS, name: OTHERS, group: '', calls: total('calls'), perMinute: total('perMinute'), turned: total('turned') });
  }

  peers.forEach((peer, i) => { peer.isFirst = i === 0 || peers[i - 1].group !== peer.group; });

  const turned = new Map();
  for (const refusal of refusals) {
    const id = `${refusal.peer ?? ''}\n${refusal.reason}`;
    const row = turned.get(id) ?? { id, peer: refusal.peer, reason: refusal.reason, count: 0, lastAt: '', servers: new Map() };
    row.count += refusal.count;
    row.lastAt = row.lastAt > refusal.lastAt ? row.lastAt : refusal.lastAt;
    row.servers.set(refusal.server, (row.servers.get(refusal.server) ?? 0) + refusal.count);
    turned.set(id, row);
  }
  const refused = [...turned.values()].sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1)).slice(0, REFUSED);

  const servers = new Map();
  const serverOf = (name) => {
    if (!servers.has(name)) servers.set(name, { server: name, entry: entries.get(name), calls: 0, perMinute: 0, tools: new Map(), gate: new Map() });
    return servers.get(name);
  };
  for (const server of facts.servers) {
    if (find !== '' && !matches(server.server, server.entry) && !edges.some((edge) => edge.server === server.server) && !refusals.some((refusal) => refusal.server === server.server)) continue;
    const row = serverOf(server.server);
    for (const tool of server.tools ?? []) if (find === '' || matches(tool)) row.tools.set(tool, { id: tool, calls: 0, perMinute: 0 });
  }
  for (const edge of edges) {
    const server = serverOf(edge.server);
    const id = nodeOf(edge);
    const tool = server.tools.get(id) ?? { id, isMethod: id === REQUESTS, methods: new Set(), calls: 0, perMinute: 0 };
    tool.methods?.add(edge.method);
    tool.calls += edge.calls;
    tool.perMinute += edge.callsPerMinute;
    server.tools.set(id, tool);
    server.calls += edge.calls;
    server.perMinute += edge.callsPerMinute;
  }
  const knock = (server, reason, outcome, number) => {
    const chip = serverOf(server).gate.get(reason) ?? { reason, outcome, count: 0 };
    chip.count += number;
    serverOf(server).gate.set(reason, chip);
  };
  for (const edge of edges) {
    if (edge.denied > 0) knock(edge.server, 'DENIED_BY_POLICY', 'refused', edge.denied);
    if (edge.rateLimited > 0) knock(edge.server, 'RATE_LIMITED', 'limited', edge.rateLimited);
  }
  for (const refusal of refusals) knock(refusal.server ?? '', refusal.reason, 'refused', refusal.count);

  const shown = new Map();
  const list = [...servers.values()].sort((a, b) => b.calls - a.calls).slice(0, SERVERS).sort((a, b) => (a.server < b.server ? -1 : 1)).map((server) => {
    const tools = [...server.tools.values()].sort((a, b) => b.calls - a.calls || (a.id < b.id ? -1 : 1));
    const top = tools.slice(0, tools.length === TOOLS + 1 ? TOOLS + 1 : TOOLS);
    const others = tools.slice(top.length);
    top.sort((a, b) => (!!a.isMethod === !!b.isMethod ? (a.id < b.id ? -1 : 1) : a.isMethod ? 1 : -1));
    if (others.length > 0) top.push({ id: OTHERS, many: others.length, calls: others.reduce((sum, tool) => sum + tool.calls, 0), perMinute: others.reduce((sum, tool) => sum + tool.perMinute, 0) });
    shown.set(server.server, new Set(top.map((tool) => tool.id)));
    return { ...server, tools: top, gate: [...server.gate.values()].sort((a, b) => b.count - a.count).slice(0, 8) };
  });

  const links = new Map();
  const link = (from, to, outcome, perMinute, more) => {
    const key = `${from}\n${to}\n${outcome}`;
    const one = links.get(key) ?? { from, to, outcome, perMinute: 0, ...more };
    one.perMinute += perMinute;
    links.set(key, one);
  };
  const minutes = facts.seconds / 60;
  for (const edge of edges) {
    const tools = shown.get(edge.server);
    if (!tools) continue;
    const from = keptIds.has(edge.peer) ? edge.peer : OTHERS;
    const id = nodeOf(edge);
    const to = `${edge.server}\n${tools.has(id) ? id : OTHERS}`;
    const would = edge.wouldBeDenied ?? 0;
    if (edge.permitted > would) link(from, to, 'permitted', (edge.permitted - would) / minutes);
    if (would > 0) link(from, to, 'shadow', would / minutes);
    if (edge.denied > 0) link(from, `${edge.server}\nDENIED_BY_POLICY`, 'refused', edge.denied / minutes, { gate: true });
    if (edge.rateLimited > 0) link(from, `${edge.server}\nRATE_LIMITED`, 'limited', edge.rateLimited / minutes, { gate: true });
  }
  for (const row of refused) for (const [server, number] of row.servers) link(row.id, `${server}\n${row.reason}`, 'refused', number / minutes, { gate: true, refusal: true });

  return { peers, refusals: refused, servers: list, links: [...links.values()].sort((a, b) => !!b.gate - !!a.gate || b.perMinute - a.perMinute), hidden: rest.length, total: busiest.length };
}
