// SPDX-License-Identifier: Apache-2.0
// Answers of the console's API (docs/reference/console-api.md) about worlds that do not exist: a fleet with every kind of trouble, one of
// the largest size that the page promises, and one whose every name is an attack. All times are seen from the moment of the call.

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const at = (left) => new Date(Date.now() + left).toISOString().replace(/\.\d+/, '');
const hex = (text, digits) => {
  let sum = 2166136261;
  for (const c of text) sum = Math.imul(sum ^ c.charCodeAt(0), 16777619) >>> 0;
  return sum.toString(16).padStart(8, '0').repeat(8).slice(0, digits);
};
const AUTHORITY = 'CN=mcp-mtls CA demo.local';
const agent = (name) => `spiffe://demo.local/agent/${name}`;

const certificate = (role, name, names, from, until) => ({
  role, subject: `CN=${name}`, issuer: AUTHORITY, serialNumber: hex(name, 16).toUpperCase(), names, notBefore: at(from), notAfter: at(until), key: 'EC 256', signature: 'SHA256withECDSA', sha256: hex(name, 64),
});
const root = () => ({ ...certificate('anchor', 'mcp-mtls CA demo.local', [], -40 * DAY, 3610 * DAY), subject: AUTHORITY });

function leaf(kind, name, names, from, until, status, more) {
  return {
    kind, name, usedBy: [], status, notBefore: at(from), renewalDueAt: at(from + ((until - from) * 2) / 3), notAfter: at(until),
    chain: [certificate('leaf', name.split('/').at(-1), names, from, until), root()], ...more,
  };
}

/** A fleet: `peers` identities, `servers` by name with their tools. */
export class World {
  #id = 5000;

  constructor({ servers, peers, refusals = [], rules, word = (text) => text, edges, history = 400 }) {
    Object.assign(this, { servers, peers, refusals, rules, word, makeEdges: edges });
    this.events = [];
    for (let i = history; i > 0; i--) this.record(this.traffic(i), -i * 7 * SECOND);
  }

  /** Adds an event to the log. */
  record(event, left = 0) {
    const whole = { id: ++this.#id, at: new Date(Date.now() + left).toISOString(), ...event };
    this.events.push(whole);
    return whole;
  }

  /** A plausible event: mostly permitted calls. */
  traffic(i) {
    const peer = this.peers[i % this.peers.length];
    const server = this.servers[i % this.servers.length];
    const tool = server.tools[(i * 7) % server.tools.length];
    if (i % 11 === 0 && this.refusals.length > 0) return this.refusal(this.refusals[(i / 11) % this.refusals.length | 0]);
    if (i % 17 === 0) return this.accepted(peer, server);
    return i % 7 === 0 ? this.denied(peer, server, tool) : this.permitted(peer, server, tool);
  }

  #connection(peer, server) {
    return { service: server.server, peer, assurance: 'VERIFIED', connection: hex(`${peer}${server.server}`, 16), address: '192.0.2.17:50311', side: 'server', tls: { version: '1.3', cipher: 'TLS_AES_128_GCM_SHA256', resumed: false } };
  }

  accepted(peer, server) {
    return { ...this.#connection(peer, server), action: 'tls-accepted', outcome: 'success', sentence: `${server.server} accepted ${peer} (VERIFIED)`, validation: 'strict', certificate: { ...certificate('leaf', peer.split('/').at(-1), [peer], -6 * HOUR, 18 * HOUR) } };
  }

  permitted(peer, server, tool) {
    return { ...this.#connection(peer, server), action: 'call-permitted', outcome: 'success', server: server.server, method: 'tools/call', tool, rule: this.word('agents-call'), sentence: `tools/call ${tool} permitted to ${peer} (VERIFIED)` };
  }

  denied(peer, server, tool) {
    const cause = this.word('no rule permits it');
    return {
      ...this.#connection(peer, server), action: 'call-denied', outcome: 'failure', reason: 'DENIED_BY_POLICY', server: server.server, method: 'tools/call', tool, cause,
      sentence: `tools/call ${tool} denied to ${peer} (VERIFIED): ${cause}`, remedy: this.word("add a rule that permits it, or see which rules were considered ('mcp-mtls policy explain')"),
    };
  }

  refusal({ peer, reason, cause, remedy, server = this.servers[0] }) {
    return {
      service: server.server, action: 'tls-rejected', outcome: 'failure', reason, sentence: `${server.server} refused ${peer ?? 'a client without a certificate'}: ${cause}`, cause, remedy, peer, claimed: true,
      address: '192.0.2.44:51022', side: 'server', connection: hex(`${peer}${reason}`, 16), validation: 'strict', findings: [reason], alert: reason === 'NO_CERTIFICATE' ? 'certificate_required' : 'bad_certificate',
      ...(peer ? { certificate: certificate('leaf', peer.split('/').at(-1), [peer], -3 * DAY, reason === 'EXPIRED' ? -2 * DAY : 10 * HOUR) } : {}),
    };
  }

  about() {
    return {
      version: '0.1.0', now: at(0), startedAt: at(-2 * HOUR), audit: 'on', access: this.rules ? 'enforce' : 'none',
      servers: this.servers.map(({ server, entry }, i) => ({ server, entry, uri: `https://localhost:${8443 + i}/mcp`, credential: entry, validation: 'strict' })),
      actions: ['call-denied', 'call-permitted', 'credential-reloaded', 'tls-accepted', 'tls-rejected'], reasons: ['DENIED_BY_POLICY', ...this.refusals.map(({ reason }) => reason)],
      bounds: { viewers: 20, edges: 8192, refusals: 1024, tools: 1024, events: 500 },
    };
  }

  map(window) {
    const factor = { '5m': 1, '1h': 9, '1d': 120 }[window];
    const counts = new Map();
    for (const event of this.events.filter(({ action }) => action === 'tls-rejected')) {
      const key = `${event.peer}${event.reason}`;
      const one = counts.get(key) ?? { server: event.service, side: 'server', peer: event.peer, reason: event.reason, count: 0 };
      counts.set(key, { ...one, count: one.count + 1, lastAt: event.at, lastConnection: event.connection });
    }
    return {
      at: at(0), window, seconds: { '5m': 300, '1h': 3600, '1d': 86400 }[window], edges: this.makeEdges(factor), refusals: [...counts.values()], edgesLeftOut: 0,
      peers: this.peers.map((peer) => ({ peer, assurance: 'VERIFIED', lastAt: at(-4 * SECOND) })), servers: this.servers,
    };
  }

  certificates() {
    const names = this.servers.map(({ server }) => server);
    const list = [
      { kind: 'crl', name: AUTHORITY, usedBy: names, status: 'expired', notAfter: at(-9 * HOUR), detail: 'the CRL ended 9 hours ago: revocations since then are not known', remedy: 'copy the newest crl.pem of the authority' },
      leaf('peer', agent('planner'), [agent('planner')], -23.6 * HOUR, 25 * MINUTE, 'overdue', { usedBy: names.slice(0, 1), assurance: 'VERIFIED', firstSeenAt: at(-20 * HOUR), lastSeenAt: at(-30 * SECOND), connections: 4 }),
      ...this.servers.map(({ entry, server }, i) => leaf('own', entry, [`spiffe://demo.local/server/${entry}`, 'dns:localhost'], i === 0 ? -17 * HOUR : -6 * HOUR, i === 0 ? 7 * HOUR : 18 * HOUR, i === 0 ? 'due' : 'ok', { usedBy: [server], remedy: `run 'mcp-mtls cert renew ${entry}'` })),
      ...this.peers.map((peer, i) => leaf('peer', peer, [peer], (-3 - (i % 9)) * HOUR, (21 - (i % 9)) * HOUR, 'ok', { usedBy: names.slice(0, 1 + (i % 3)), assurance: 'VERIFIED', firstSeenAt: at(-2 * HOUR), lastSeenAt: at(-20 * SECOND), connections: 1 + i })),
      { kind: 'ocsp', name: this.servers[0].entry, usedBy: names.slice(0, 1), status: 'ok', notBefore: at(-3 * HOUR), notAfter: at(4 * DAY) },
      { kind: 'anchor', name: AUTHORITY, usedBy: names, source: '.mcp-mtls/credentials/weather/ca.crt', vouchesFor: ['spiffe://demo.local/**', 'dns:**', 'ip:**'], binding: 'ours', status: 'ok', notBefore: at(-40 * DAY), notAfter: at(3610 * DAY), remedy: "run 'mcp-mtls cert rollover prepare'", chain: [root()] },
      { kind: 'anchor', name: 'CN=Partner Root', usedBy: names, source: 'partner/ca.crt', vouchesFor: ['spiffe://partner.example/**'], binding: 'bound', status: 'ok', notBefore: at(-400 * DAY), notAfter: at(300 * DAY), chain: [certificate('anchor', 'Partner Root', [], -400 * DAY, 300 * DAY)] },
    ];
    return { now: at(0), certificates: this.word === World.plain ? list : rewrite(list, this.word), peersLeftOut: 0 };
  }

  access() {
    if (!this.rules) return { mode: 'none', default: 'permit', summary: '', since: at(-2 * HOUR), byDefault: {}, neverMatched: [], warnings: [] };
    return {
      mode: this.shadow ? 'shadow' : 'enforce', default: 'deny', file: '.mcp-mtls/policy.yaml', summary: `${this.rules.length} rules of policy.yaml, default deny`, since: at(-2 * HOUR), rules: this.rules,
      byDefault: { permitted: 0, denied: 19, wouldBeDenied: this.shadow ? 7 : 0, lastAt: at(-40 * SECOND) }, neverMatched: this.rules.filter((rule) => rule.permitted + rule.denied + rule.rateLimited === 0).map(({ name }) => name), warnings: [],
    };
  }

  #fit(peer) {
    const known = [...new Set([...this.peers, ...this.refusals.map((refusal) => refusal.peer).filter(Boolean)])];
    const exact = known.filter((name) => name === peer);
    const fits = exact.length > 0 ? exact : known.filter((name) => name.includes(peer));
    if (fits.length === 1) return fits[0];
    throw Object.assign(new Error(fits.length === 0 ? `no peer that was seen fits '${peer}'` : `'${peer}' fits several peers`), { candidates: fits.slice(0, 20) });
  }

  #refusalsOf(peer) {
    const refusals = this.map('1d').refusals.filter((refusal) => refusal.peer === peer);
    const notes = refusals.map(({ count, reason }) => `this peer's certificate was refused ${count} times in the last day (${reason}): its calls do not reach the rules`);
    return { refusals, notes };
  }

  #decide(peer, server, tool) {
    const rule = this.rules?.find((one) => one.permits?.(peer, server, tool));
    return rule ? { decision: 'permit', would: 'permit', rule: rule.name } : { decision: 'deny', would: 'deny', why: this.word('no rule permits it') };
  }

  explain({ peer, server, tool, method = 'tools/call' }) {
    const name = this.#fit(peer);
    const one = this.servers.find((each) => each.server === server || each.entry === server);
    const decided = this.#decide(name, one.server, tool);
    const considered = (this.rules ?? []).map((rule) => ({ rule: rule.name, effect: rule.effect, matches: rule.name === decided.rule, why: rule.name === decided.rule ? 'peers, servers and tools match' : `peers: none matches ${name}` }));
    return { peer: name, assurance: 'VERIFIED', server: one.server, entry: one.entry, method, tool, ...decided, considered, ...this.#refusalsOf(name) };
  }

  may({ peer }) {
    const name = this.#fit(peer);
    return {
      peer: name, assurance: 'VERIFIED', ...this.#refusalsOf(name), toolsLeftOut: 0,
      servers: this.servers.map((one) => ({ server: one.server, entry: one.entry, tools: one.tools.map((tool) => ({ tool, ...this.#decide(name, one.server, tool) })) })),
    };
  }

  health() {
    return {
      status: 'degraded',
      checks: [
        ...this.servers.slice(0, 6).map(({ entry }) => ({ name: `credential ${entry}`, status: 'ok', detail: 'valid for 18 more hours', daysLeft: 0.75 })),
        { name: `revocation ${this.servers[0].entry}`, status: 'degraded', detail: `the CRL of ${AUTHORITY} ended 9 hours ago` }, { name: 'audit', status: 'ok', detail: 'records are written' },
      ],
    };
  }

  figures(window) {
    const [steps, step] = { '5m': [30, 10], '1h': [60, 60], '1d': [96, 900] }[window];
    const wave = (base, swing, phase) => Array.from({ length: steps }, (_, i) => Math.max(0, Math.round((base + swing * Math.sin(i / 4 + phase) + swing * 0.4 * Math.sin(i * 1.7)) * step)));
    return {
      now: at(0), window, stepSeconds: step, times: Array.from({ length: steps }, (_, i) => at((i - steps) * step * SECOND)),
      calls: { permitted: wave(12, 4, 0), denied: wave(0.8, 0.8, 2), rateLimited: wave(0.2, 0.4, 1), wouldBeDenied: wave(1, 1, 3) }, handshakes: { accepted: wave(2, 1, 0), rejected: wave(0.3, 0.4, 1), failed: wave(0, 0.15, 2) },
      tools: this.servers.flatMap(({ server, tools }, s) => tools.map((tool, i) => ({ server, method: 'tools/call', tool, finished: 420 - i, p50Millis: 1.4 + ((i + s) % 7), p99Millis: 9 + ((i * 13 + s * 40) % 400) }))).slice(0, 1024),
      servers: this.servers.map(({ server, entry }, i) => ({ server, entry, connections: 3 + i, sessions: 2, requestsInFlight: i % 2, requestsArriving: 0, requestBytes: 412, answerBytes: 0, stalledReaders: 0, refusalsReset: 0, unreadRefusals: 0 })),
      memory: { heapUsedBytes: 41234432, heapMaxBytes: 536870912, nonHeapUsedBytes: 51234432, directBytes: 1048576 }, audit: { kept: true, pending: 0, lost: 0, lagMillis: 0.9 },
      upstreams: [{ server: this.word('files'), detail: '2 processes, 1 restart', troubled: false }], viewers: 1,
    };
  }

  /** Events of these filters, newest first, as the API's /events. */
  select({ peer, server, tool, outcome, reason, action, connection, before, limit = '100' }) {
    const found = this.events.filter((event) => matches(event, { peer, server, tool, outcome, reason, action, connection }) && (!before || event.id < Number(before))).reverse();
    const events = found.slice(0, Math.min(500, Number(limit)));
    return { events, ...(found.length > events.length ? { next: events.at(-1).id } : {}) };
  }
}

World.plain = (text) => text;

/** Whether an event is one of those that the filters select. */
export function matches(event, { peer, server, tool, outcome, reason, action, connection }) {
  return (!peer || `${event.peer ?? ''} ${event.address ?? ''}`.toLowerCase().includes(peer.toLowerCase())) && (!server || event.server === server || event.service === server) && (!tool || event.tool === tool)
    && (!outcome || event.outcome === outcome) && (!reason || event.reason === reason) && (!action || event.action === action) && (!connection || event.connection === connection);
}

function rewrite(value, word) {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, word));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ['subject', 'issuer', 'name', 'detail', 'remedy', 'source', 'key', 'signature', 'serialNumber', 'sha256'].includes(key) && typeof item === 'string' ? word(item) : rewrite(item, word)]));
}

const rule = (name, effect, more) => ({ name, effect, line: 4, peers: [], servers: [], tools: [], prompts: [], resources: [], methods: [], permitted: 0, denied: 0, rateLimited: 0, wouldBeDenied: 0, ...more });

/** Twelve identities, four servers, every kind of trouble. */
export function fleet() {
  const servers = [
    { server: 'weather-mcp', entry: 'weather', tools: ['get_alerts', 'get_forecast', 'get_weather'] }, { server: 'datetime-mcp', entry: 'datetime', tools: ['convert_time', 'get_time'] },
    { server: 'echo-mcp', entry: 'echo', tools: ['echo'] }, { server: 'files', entry: 'files', tools: ['delete_file', 'list_directory', 'read_file', 'search', 'write_file'] },
  ];
  const peers = ['coordinator', 'planner', 'researcher', 'laptop-3', 'laptop-5', 'nightly/report'].map(agent).concat('spiffe://partner.example/agent/buyer', 'dns:mtls.prod.connectors.openai.com');
  const refusals = [
    { peer: agent('laptop-7'), reason: 'EXPIRED', cause: `the certificate of ${agent('laptop-7')} expired on ${at(-2 * DAY)}`, remedy: "renew the credential laptop-7 ('mcp-mtls cert renew laptop-7' where that is ours)" },
    { peer: undefined, reason: 'NO_CERTIFICATE', cause: 'the peer presented no certificate', remedy: "give the peer a credential ('mcp-mtls cert issue NAME') and have it present it", server: servers[2] },
    { peer: 'spiffe://other.example/agent/scanner', reason: 'UNTRUSTED_ISSUER', cause: 'not issued by a trust anchor: none matches CN=Other Root', remedy: 'if you trust that authority, add its certificate to tls.trust-anchors, bound to its names', server: servers[3] },
    { peer: agent('old-laptop'), reason: 'REVOKED', cause: 'the certificate of old-laptop was revoked on 2026-11-27', remedy: 'issue another: mcp-mtls cert issue old-laptop', server: servers[1] },
    { peer: agent('coordinator'), reason: 'ISSUER_NOT_ALLOWED_FOR_NAME', cause: 'CN=Partner Root may vouch for spiffe://partner.example/** alone', remedy: 'the partner’s authority issued one of our names: ask it why', server: servers[0] },
  ];
  const rules = [
    rule('agents-call', 'permit', { peers: ['spiffe://demo.local/agent/**'], servers: ['weather', 'datetime', 'echo'], tools: ['*'], permitted: 4210, lastAt: at(-2 * SECOND), permits: (peer, server) => peer.startsWith('spiffe://demo.local/') && server !== 'files' }),
    rule('short-echoes-for-chatgpt', 'permit', { peers: ['dns:mtls.prod.connectors.openai.com'], tools: ['echo'], when: 'size(string(call.arguments.text)) <= 1000', rate: '60/min', permitted: 311, rateLimited: 4, lastAt: at(-30 * SECOND) }),
    rule('no-deletes', 'deny', { tools: ['delete*', '*_delete'], denied: 3, lastAt: at(-20 * MINUTE) }),
    rule('partner-reads-files', 'permit', { peers: ['spiffe://partner.example/agent/*'], servers: ['files'], tools: ['read_*'], wouldBeDenied: 0 }),
  ];
  const edge = (peer, s, tool, calls, more = {}) => (factor) => {
    const [denied, rateLimited, wouldBeDenied] = ['denied', 'rateLimited', 'wouldBeDenied'].map((member) => (more[member] ?? 0) * factor);
    const total = calls * factor;
    return { peer, server: servers[s].server, method: 'tools/call', tool, calls: total, permitted: total - denied - rateLimited, denied, rateLimited, wouldBeDenied, callsPerMinute: total / (5 * factor), reasons: denied ? { DENIED_BY_POLICY: denied } : {}, p50Millis: 3.1, p99Millis: 12.4 };
  };
  const edges = [
    edge(peers[0], 0, 'get_forecast', 120), edge(peers[0], 0, 'get_weather', 44), edge(peers[0], 1, 'get_time', 81), edge(peers[0], 2, 'echo', 12), edge(peers[1], 0, 'get_forecast', 30), edge(peers[1], 1, 'convert_time', 17),
    edge(peers[2], 3, 'read_file', 62, { wouldBeDenied: 20 }), edge(peers[2], 3, 'search', 25), edge(peers[3], 2, 'echo', 5), edge(peers[3], 3, 'delete_file', 3, { denied: 3 }), edge(peers[4], 0, 'get_alerts', 8), edge(peers[5], 3, 'list_directory', 14),
    edge(peers[6], 3, 'read_file', 19, { denied: 7 }), edge(peers[7], 2, 'echo', 70, { rateLimited: 4 }),
  ];
  return new World({ servers, peers, refusals, rules, edges: (factor) => edges.map((one) => one(factor)) });
}

/** As many identities, tools and events as the page promises to show without a pause. */
export function large() {
  const servers = Array.from({ length: 20 }, (_, s) => ({ server: `server-${String(s).padStart(2, '0')}`, entry: `server-${String(s).padStart(2, '0')}`, tools: Array.from({ length: 50 }, (_, t) => `tool_${s}_${t}`) }));
  const peers = Array.from({ length: 200 }, (_, i) => agent(`worker-${String(i).padStart(3, '0')}`));
  const edges = peers.flatMap((peer, i) => Array.from({ length: 25 }, (_, k) => {
    const { server, tools } = servers[(i + k * 3) % 20];
    const calls = 10 + ((i * 31 + k * 17) % 400);
    const denied = k % 9 === 0 ? 2 : 0;
    return { peer, server, method: 'tools/call', tool: tools[(i * 7 + k) % 50], calls, permitted: calls - denied, denied, rateLimited: 0, wouldBeDenied: k % 7 === 0 ? 3 : 0, callsPerMinute: calls / 5, reasons: {}, p50Millis: 3, p99Millis: 14 };
  })).sort((a, b) => b.calls - a.calls);
  const rules = Array.from({ length: 100 }, (_, i) => rule(`rule-${i}`, 'permit', { peers: [agent(`worker-${i}*`)], tools: ['*'], permitted: i * 10, permits: (peer) => peer.includes(`worker-${i}`) }));
  const refusals = Array.from({ length: 40 }, (_, i) => ({ peer: agent(`gone-${i}`), reason: ['EXPIRED', 'REVOKED', 'UNTRUSTED_ISSUER'][i % 3], cause: 'the certificate has expired', remedy: 'renew it', server: servers[i % 20] }));
  return new World({ servers, peers, refusals, rules, edges: () => edges, history: 10_000 });
}

export const HOSTILE = ['<img src=x onerror="window.pwned=1">', '"><script>window.pwned=1</script>', 'javascript:window.pwned=1', '\'"`${window.pwned=1}</textarea></title>', '\u202egnp.exe\u202c', `${'Ā'.repeat(300)}`, '{{constructor.constructor("window.pwned=1")()}}'];

/** Every text that a peer, a file or a server chooses is an attack. */
export function hostile() {
  let turn = 0;
  const word = (text) => `${text.slice(0, 8)}${HOSTILE[turn++ % HOSTILE.length]}`;
  const servers = HOSTILE.slice(0, 4).map((attack, i) => ({ server: `s${i}${attack}`, entry: `e${i}${attack}`, tools: HOSTILE.map((each) => `t${each}`) }));
  const peers = HOSTILE.flatMap((attack) => [`spiffe://${attack}`, `dns:${attack}`]);
  const refusals = HOSTILE.map((attack, i) => ({ peer: `spiffe://x/${attack}`, reason: i % 2 ? 'EXPIRED' : `X${attack}`, cause: attack, remedy: `mcp-mtls ${attack}`, server: servers[i % 4] }));
  const rules = HOSTILE.map((attack) => rule(`r${attack}`, 'permit', { peers: [attack], servers: [attack], tools: [attack], when: attack, rate: attack, permits: (peer) => peer.length % 2 === 0 }));
  const edges = () => peers.flatMap((peer, i) => servers.map(({ server, tools }, k) => ({ peer, server, method: 'tools/call', tool: tools[(i + k) % tools.length], calls: 10 + i, permitted: 9 + i, denied: 1, rateLimited: 0, wouldBeDenied: 0, callsPerMinute: 2, reasons: { [HOSTILE[0]]: 1 } })));
  return new World({ servers, peers, refusals, rules, word, edges });
}

/** A server that has just started. */
export function nothing() {
  const servers = [{ server: 'echo-mcp', entry: 'echo', tools: ['echo'] }];
  const world = new World({ servers, peers: [agent('coordinator')], edges: () => [], history: 0 });
  world.peers = [];
  return world;
}
