// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.identity.pattern.NamePattern;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The roots of one trust domain as a JWK set. Keys for anything but X.509-SVIDs are ignored, as the standard demands.
 *
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Trust_Domain_and_Bundle.md">SPIFFE Trust Domain and Bundle,
 *     section 4</a>
 */
record SpiffeBundle(List<X509Certificate> roots, BundleEdition edition) {

    private static final String USE = "x509-svid";
    private static final long MAX_REFRESH_HINT = Duration.ofDays(365).toSeconds();

    /** Whether a file holds JSON: its first character is an opening brace. */
    static boolean isMeant(byte[] contents) {
        for (byte octet : contents) {
            if (octet != ' ' && octet != '\t' && octet != '\r' && octet != '\n') {
                return octet == '{';
            }
        }
        return false;
    }

    /**
     * Reads a bundle.
     *
     * @throws UnusableCredentialException when it is not strict JSON, no JWK set, or has no X.509 root
     */
    static SpiffeBundle parse(Path file, byte[] contents) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(contents))
                    .toString();
            Map<String, Object> bundle = StrictJson.object(text);
            return new SpiffeBundle(roots(bundle), edition(bundle));
        } catch (CharacterCodingException e) {
            throw unusable(file, "it is not UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw unusable(file, Printable.clean(String.valueOf(e.getMessage())), e);
        }
    }

    private static UnusableCredentialException unusable(Path file, String why, Exception cause) {
        return new UnusableCredentialException(
                "cannot use the SPIFFE bundle " + file + ": " + why + "; fetch it again from its bundle endpoint",
                cause);
    }

    private static List<X509Certificate> roots(Map<String, Object> bundle) {
        if (!(bundle.get("keys") instanceof List<?> keys)) {
            throw new IllegalArgumentException("it has no list of keys");
        }
        List<X509Certificate> roots = new ArrayList<>();
        for (Object key : keys) {
            if (!(key instanceof Map<?, ?> members)) {
                throw new IllegalArgumentException("one of its keys is not an object");
            }
            if (USE.equals(members.get("use"))) {
                roots.add(root(members.get("x5c")));
            }
        }
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("it has no key with the use " + USE + ", so it trusts no certificate");
        }
        return roots;
    }

    private static X509Certificate root(@Nullable Object x5c) {
        if (!(x5c instanceof List<?> list) || list.size() != 1 || !(list.get(0) instanceof String encoded)) {
            throw new IllegalArgumentException("an " + USE + " key does not hold exactly one certificate in its x5c");
        }
        try {
            return Chain.parse(List.of(Base64.getDecoder().decode(encoded))).leaf();
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a certificate in an x5c cannot be read: " + e.getMessage(), e);
        }
    }

    private static BundleEdition edition(Map<String, Object> bundle) {
        OptionalLong sequence = number(bundle, "spiffe_sequence");
        OptionalLong seconds = number(bundle, "spiffe_refresh_hint");
        return new BundleEdition(
                sequence,
                seconds.isPresent()
                        ? Optional.of(Duration.ofSeconds(Math.min(seconds.getAsLong(), MAX_REFRESH_HINT)))
                        : Optional.empty());
    }

    private static OptionalLong number(Map<String, Object> bundle, String member) {
        Object value = bundle.get(member);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (value instanceof Long number && number >= 0) {
            return OptionalLong.of(number);
        }
        throw new IllegalArgumentException("its " + member + " is not a whole number");
    }

    /**
     * All names in the trust domain of the roots.
     *
     * @throws UnusableCredentialException when they do not agree on one
     */
    NamePattern trustDomain(Path file) {
        Set<String> domains = new LinkedHashSet<>();
        roots.forEach(root -> domains.add(trustDomainOf(root)));
        String domain = domains.iterator().next();
        if (domains.size() > 1 || domain.isEmpty()) {
            throw new UnusableCredentialException("cannot bind the SPIFFE bundle " + file + " to its trust domain: "
                    + "its roots do not all name the same one; name it in tls.trust-anchors: {file: " + file
                    + ", for: [\"spiffe://partner.example/**\"]}");
        }
        return AnchorSet.name("spiffe://" + domain + "/**");
    }

    /** Empty when it names none, or more than one. */
    private static String trustDomainOf(X509Certificate root) {
        try {
            List<String> uris = AlternativeNames.of(root).uris();
            return uris.size() == 1 ? SpiffeId.parse(uris.get(0)).trustDomain() : "";
        } catch (MalformedDerException | IllegalArgumentException e) {
            return "";
        }
    }
}
