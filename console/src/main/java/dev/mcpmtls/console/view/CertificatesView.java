// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.tally.SeenPeer;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Lifetime;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.OcspResponse;
import dev.mcpmtls.trust.Revocation;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Everything with an expiry: our credentials, the peers that were seen, trust anchors, CRLs and OCSP responses; the most urgent first. */
public final class CertificatesView {

    private static final Duration ANCHOR_NOTICE = Duration.ofDays(30);

    private final Sources sources;
    private final Instant now;
    private final Set<X509Certificate> anchors = new java.util.LinkedHashSet<>();

    /** The states, the most urgent first. */
    private enum Status {
        EXPIRED("expired"),
        NOT_YET_VALID("notYetValid"),
        UNUSABLE("unusable"),
        OVERDUE("overdue"),
        DUE("due"),
        OK("ok");

        private final String text;

        Status(String text) {
            this.text = text;
        }
    }

    private record Entry(Status status, Instant notAfter, Map<String, Object> view) {}

    /** A view of these sources, now. */
    public CertificatesView(Sources sources) {
        this.sources = sources;
        this.now = sources.now();
        sources.servers()
                .forEach(server ->
                        anchors.addAll(server.verifier().policy().anchors().certificates()));
    }

    /** The answer. */
    public Map<String, Object> all() {
        List<Entry> entries = new ArrayList<>();
        addOwn(entries);
        sources.tally().peers().forEach(peer -> entries.add(peer(peer)));
        addAnchors(entries);
        addRevocationLists(entries);
        sources.servers()
                .forEach(server -> server.staple().get().ifPresent(answer -> entries.add(ocsp(server, answer))));
        entries.sort(Comparator.comparing(Entry::status).thenComparing(Entry::notAfter));
        return new Members()
                .put("now", now)
                .put("certificates", entries.stream().map(Entry::view).toList())
                .put("peersLeftOut", sources.tally().peersLeftOut())
                .asMap();
    }

    private void addOwn(List<Entry> entries) {
        Map<String, Chain> own = new TreeMap<>(sources.credentials());
        Map<String, Set<String>> usedBy = new TreeMap<>();
        for (ServerSource server : sources.servers()) {
            String name = server.presented().credential();
            own.put(name, server.presented().chain().get());
            usedBy.computeIfAbsent(name, any -> new TreeSet<>()).add(server.server());
        }
        own.forEach((name, chain) -> entries.add(own(name, chain, usedBy.getOrDefault(name, Set.of()))));
    }

    private Entry own(String name, Chain chain, Set<String> usedBy) {
        Lifetime life = Lifetime.of(chain);
        Status status = status(life);
        Members view = new Members()
                .put("kind", "own")
                .put("name", name)
                .put("usedBy", List.copyOf(usedBy))
                .put("status", status.text)
                .put("notBefore", life.start())
                .put("renewalDueAt", life.renewalDue())
                .put("notAfter", life.end())
                .put("remedy", Remedy.of(Act.on(Verb.RENEW, name)).toString())
                .put("detail", detail(status, life))
                .put("chain", ChainView.of(chain, anchors));
        return new Entry(status, life.end(), view.asMap());
    }

    private Entry peer(SeenPeer seen) {
        Lifetime life = Lifetime.of(seen.peer().chain());
        Status status = status(life);
        Members view = new Members()
                .put("kind", "peer")
                .put("name", seen.name())
                .put("usedBy", seen.servers())
                .put("assurance", seen.peer().assurance().name())
                .put("firstSeenAt", seen.firstAt())
                .put("lastSeenAt", seen.lastAt())
                .put("connections", seen.connections())
                .put("status", status.text)
                .put("notBefore", life.start())
                .put("renewalDueAt", life.renewalDue())
                .put("notAfter", life.end())
                .put(
                        "remedy",
                        Remedy.of("on the peer's machine")
                                .by(Act.of(Verb.RENEW))
                                .toString())
                .put("detail", detail(status, life))
                .put("chain", ChainView.of(seen.peer().chain(), anchors));
        return new Entry(status, life.end(), view.asMap());
    }

    private Status status(Lifetime life) {
        if (!now.isBefore(life.end())) {
            return Status.EXPIRED;
        }
        if (now.isBefore(life.start())) {
            return Status.NOT_YET_VALID;
        }
        if (life.isRenewalOverdue(now)) {
            return Status.OVERDUE;
        }
        return now.isBefore(life.renewalDue()) ? Status.OK : Status.DUE;
    }

    private static String detail(Status status, Lifetime life) {
        return switch (status) {
            case EXPIRED -> "it expired on " + life.end();
            case NOT_YET_VALID -> "it is not valid before " + life.start() + "; check the clock";
            case OVERDUE -> "it should have been renewed on " + life.renewalDue();
            case UNUSABLE, DUE, OK -> "";
        };
    }

    /** One entry for each anchor of each file, whichever servers have it. */
    private void addAnchors(List<Entry> entries) {
        Map<Anchor, Set<String>> usedBy = new LinkedHashMap<>();
        for (ServerSource server : sources.servers()) {
            List<AnchorSet> unbound = server.verifier().unboundAnchors();
            for (AnchorSet set : server.verifier().policy().anchors().sets()) {
                String binding = set.isBound() ? "bound" : unbound.contains(set) ? "unbound" : "ours";
                for (X509Certificate certificate : set.certificates()) {
                    usedBy.computeIfAbsent(new Anchor(certificate, set, binding), any -> new TreeSet<>())
                            .add(server.server());
                }
            }
        }
        usedBy.forEach((anchor, servers) -> entries.add(anchor(anchor, servers)));
    }

    private record Anchor(X509Certificate certificate, AnchorSet set, String binding) {}

    private Entry anchor(Anchor anchor, Set<String> usedBy) {
        X509Certificate certificate = anchor.certificate();
        Lifetime life = new Lifetime(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
        boolean isSoon = life.left(now).compareTo(ANCHOR_NOTICE) < 0;
        Status found = status(life);
        Status status = found.compareTo(Status.OVERDUE) < 0 ? found : isSoon ? Status.DUE : Status.OK;
        Members view = new Members()
                .put("kind", "anchor")
                .put("name", certificate.getSubjectX500Principal().getName())
                .put("usedBy", List.copyOf(usedBy))
                .put("source", anchor.set().source())
                .put("vouchesFor", vouchesFor(anchor))
                .put("binding", anchor.binding())
                .put("status", status.text)
                .put("notBefore", life.start())
                .put("notAfter", life.end())
                .put("remedy", remedy(anchor))
                .put("detail", anchor.binding().equals("unbound") ? anchor.set().needsBinding() : detail(status, life))
                .put("chain", List.of(ChainView.certificate("anchor", certificate)));
        return new Entry(status, life.end(), view.asMap());
    }

    private List<String> vouchesFor(Anchor anchor) {
        if (anchor.binding().equals("bound")) {
            return anchor.set().names().stream().map(NamePattern::text).toList();
        }
        if (anchor.binding().equals("unbound")) {
            return List.of("any name that is neither ours nor another anchor's");
        }
        List<String> all = new ArrayList<>();
        sources.servers().stream()
                .filter(server -> server.verifier().policy().anchors().sets().contains(anchor.set()))
                .flatMap(server -> trustDomain(server).stream())
                .distinct()
                .forEach(domain -> all.add("spiffe://" + domain + "/**"));
        all.addAll(List.of("dns:**", "ip:**"));
        return all;
    }

    private static Optional<String> trustDomain(ServerSource server) {
        return Trust.domain(server.presented().chain().get())
                .or(() -> server.verifier().policy().anchors().trustDomain());
    }

    private static String remedy(Anchor anchor) {
        return switch (anchor.binding()) {
            case "ours" -> Remedy.of(Verb.PREPARE_ROLLOVER).toString();
            case "unbound" -> anchor.set().lineToBind();
            default -> "";
        };
    }

    private void addRevocationLists(List<Entry> entries) {
        Map<Revocation.Standing, Set<String>> usedBy = new LinkedHashMap<>();
        for (ServerSource server : sources.servers()) {
            server.verifier()
                    .policy()
                    .revocationStandings(now)
                    .forEach(standing -> usedBy.computeIfAbsent(standing, any -> new TreeSet<>())
                            .add(server.server()));
        }
        usedBy.forEach((standing, servers) -> entries.add(revocationList(standing, servers)));
    }

    private Entry revocationList(Revocation.Standing standing, Set<String> usedBy) {
        Instant end = standing.nextUpdate().orElse(Instant.MAX);
        Status status =
                !now.isBefore(end) ? Status.EXPIRED : standing.unusable().isPresent() ? Status.UNUSABLE : Status.OK;
        Members view = new Members()
                .put("kind", "crl")
                .put("name", standing.issuer())
                .put("usedBy", List.copyOf(usedBy))
                .put("status", status.text)
                .put("notAfter", standing.nextUpdate())
                .put("detail", standing.unusable())
                .put(
                        "remedy",
                        status == Status.OK ? "" : "get the authority's latest CRL, and put it where the old one is");
        return new Entry(status, end, view.asMap());
    }

    private Entry ocsp(ServerSource server, OcspResponse response) {
        Status status = response.holds(now) ? Status.OK : Status.EXPIRED;
        Members view = new Members()
                .put("kind", "ocsp")
                .put("name", server.presented().credential())
                .put("usedBy", List.of(server.server()))
                .put("status", status.text)
                .put("notAfter", response.nextUpdate());
        return new Entry(status, response.nextUpdate(), view.asMap());
    }
}
