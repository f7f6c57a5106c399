// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.identity.pattern.NamePattern;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The certificates with which verification starts, and the names they may vouch for.
 *
 * <p>Our own anchors are those of the file with which our own certificate verifies, else the first. They vouch for SPIFFE IDs of our own
 * trust domain and for every DNS and IP name. Other anchors should be bound:
 *
 * <pre>{@code
 * TrustAnchors anchors = TrustAnchors.load(Path.of("credentials/weather/ca.crt"))
 *         .and(TrustAnchors.loadBound(Path.of("partner/ca.crt"), "spiffe://partner.example/**"))
 *         .and(TrustAnchors.loadBound(Path.of("openai-connectors.pem"), "dns:mtls.prod.connectors.openai.com"));
 * TrustPolicy policy = TrustPolicy.strict(anchors);
 * }</pre>
 *
 * <p>A bound anchor vouches for the names that it is bound to and for no other. An unbound anchor never vouches for a name to which another
 * is bound. Unless it is ours, it does not vouch for our trust domain or for a name in our certificate either. An anchor in several files
 * vouches for the names of each.
 *
 * @param sets the anchors of each file; may be empty only for relaxed and pinned policies
 * @param trustDomain ours, where our certificate has no SPIFFE ID; without either, a single unbound file vouches for every trust domain
 */
public record TrustAnchors(List<AnchorSet> sets, Optional<String> trustDomain) {

    /** The name of the anchors' file beside a credential's own files. */
    public static final String FILE = "ca.crt";

    /** Copies the list. */
    public TrustAnchors {
        sets = List.copyOf(sets);
    }

    /** Anchors of one origin that are not bound. */
    public TrustAnchors(List<X509Certificate> certificates) {
        this(
                certificates.isEmpty()
                        ? List.of()
                        : List.of(new AnchorSet("the program", certificates, List.of(), Optional.empty(), false)),
                Optional.empty());
    }

    /** No anchors: no certificate is trusted by its issuer. */
    public static TrustAnchors none() {
        return new TrustAnchors(List.of());
    }

    /**
     * Loads anchors from files of PEM certificates (or one DER certificate each), and from SPIFFE bundles, which are bound to their trust
     * domain.
     *
     * @param first our own
     * @param more others, which should be bound: see {@link #loadBound}
     * @throws UnusableCredentialException when a file is missing, too large, damaged, holds no certificate, or could have been written by
     *     others
     */
    public static TrustAnchors load(Path first, Path... more) {
        return new TrustAnchors(
                Stream.concat(Stream.of(first), Arrays.stream(more))
                        .map(file -> AnchorSet.load(file, List.of()))
                        .toList(),
                Optional.empty());
    }

    /**
     * As {@link #load}, of a file whose anchors may vouch for these names only.
     *
     * @param names for example {@code spiffe://partner.example/**}, {@code dns:*.example.com} or {@code ip:192.0.2.0/24}; at least one
     * @throws IllegalArgumentException when there are no names, or no certificate can hold one of them
     */
    public static TrustAnchors loadBound(Path file, String... names) {
        return new TrustAnchors(List.of(AnchorSet.load(file, patterns(names))), Optional.empty());
    }

    /** These anchors, each bound to these names and no other. */
    public TrustAnchors boundTo(String... names) {
        List<NamePattern> patterns = patterns(names);
        return new TrustAnchors(
                sets.stream()
                        .map(set -> new AnchorSet(set.source(), set.certificates(), patterns, set.edition(), false))
                        .toList(),
                trustDomain);
    }

    private static List<NamePattern> patterns(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException(
                    "an anchor that is bound to no name vouches for none; name at least one");
        }
        return Arrays.stream(names).map(AnchorSet::name).toList();
    }

    /** These anchors and others. */
    public TrustAnchors and(TrustAnchors others) {
        List<AnchorSet> all = new ArrayList<>(sets);
        all.addAll(others.sets);
        return new TrustAnchors(all, trustDomain.or(others::trustDomain));
    }

    /**
     * These anchors with our trust domain, for when our certificate has no SPIFFE ID.
     *
     * @throws IllegalArgumentException when it is no trust domain
     */
    public TrustAnchors inTrustDomain(String name) {
        return new TrustAnchors(sets, Optional.of(new SpiffeId(name, "").trustDomain()));
    }

    /** The anchors themselves, in the order of the files. */
    public List<X509Certificate> certificates() {
        return sets.stream().flatMap(set -> set.certificates().stream()).toList();
    }
}
