// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.Lifetime;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Formats a certificate as text or JSON.
 *
 * @param fault why the credential cannot be used, and the remedy, when its certificate is not the reason
 * @param isRevoked as far as the authority here knows
 * @param now the instant from which the time left is counted
 */
public record CertificateView(String name, Chain chain, Optional<String> fault, boolean isRevoked, Instant now) {

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=((?:[^,\\\\]|\\\\.)+)");
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    /** A credential that was just made or loaded, with its key. */
    public static CertificateView sound(String name, Chain chain) {
        return new CertificateView(name, chain, Optional.empty(), false, Instant.now());
    }

    /** The status in one word, coloured. */
    Table.Cell status() {
        if (isRevoked) {
            return new Table.Cell("revoked", Style.BAD);
        }
        if (fault.isPresent()) {
            return new Table.Cell("unusable", Style.BAD);
        }
        if (now.isAfter(end())) {
            return new Table.Cell("expired", Style.BAD);
        }
        if (now.isBefore(start())) {
            return new Table.Cell("not yet valid", Style.BAD);
        }
        return new Lifetime(start(), end()).isRenewalOverdue(now)
                ? new Table.Cell("expires soon", Style.WARNING)
                : new Table.Cell("valid", Style.GOOD);
    }

    public String left() {
        return Times.left(end(), now);
    }

    /** As {@link #left}, where it is plain that something is left. */
    String remaining() {
        return end().isAfter(now) ? Times.text(Duration.between(now, end())) : left();
    }

    /** Whether it cannot be used now, or at {@code then}. */
    boolean isUnusableBy(Instant then) {
        return isRevoked || fault.isPresent() || !then.isBefore(end()) || now.isBefore(start());
    }

    public String identity() {
        return names().map(AlternativeNames::identity)
                .flatMap(identity -> identity.map(Identity::text))
                .orElse("-");
    }

    /** The common name of the issuer, or its whole name when it has none. */
    String issuer() {
        String whole = Printable.clean(leaf().getIssuerX500Principal().getName());
        Matcher name = COMMON_NAME.matcher(whole);
        return name.find() ? name.group(1) : whole;
    }

    List<String> purposes() {
        List<String> purposes = new ArrayList<>();
        try {
            List<String> usages = leaf().getExtendedKeyUsage();
            if (usages == null || usages.contains(SERVER_AUTH)) {
                purposes.add("server");
            }
            if (usages == null || usages.contains(CLIENT_AUTH)) {
                purposes.add("client");
            }
        } catch (CertificateParsingException e) {
            purposes.add("malformed");
        }
        return purposes;
    }

    public Map<String, Object> asObject() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", name);
        object.put("identity", identity());
        object.put("status", status().text());
        fault.ifPresent(why -> object.put("fault", why));
        object.put("names", printableNames());
        object.put("purposes", purposes());
        object.put("notBefore", start().toString());
        object.put("notAfter", end().toString());
        object.put("secondsLeft", Duration.between(now, end()).toSeconds());
        object.put("serialNumber", leaf().getSerialNumber().toString(16));
        object.put("subject", leaf().getSubjectX500Principal().getName());
        object.put("issuer", leaf().getIssuerX500Principal().getName());
        object.put("key", key());
        object.put("pin", PublicKeyPin.of(leaf().getPublicKey()).text());
        object.put("sha256", chain.leafSha256());
        return object;
    }

    /**
     * Prints everything.
     *
     * @param anchor where the chain leads, when it is known
     */
    void printTo(Console console, Optional<X509Certificate> anchor) {
        Table table = new Table();
        fault.ifPresent(why -> table.row("  fault", why));
        table.row("  for", String.join(", ", printableNames()));
        table.row("  as", String.join(" and ", purposes()));
        table.row("  valid", start() + " to " + end() + ", " + left());
        table.row("  key", key());
        table.row("  pin", PublicKeyPin.of(leaf().getPublicKey()));
        table.row("  serial", leaf().getSerialNumber().toString(16));
        table.row("  sha256", chain.leafSha256());
        Table.Cell status = status();
        console.print(console.styled(Style.STRONG, name), "  ", console.styled(status.style(), status.text()));
        table.printTo(console);
        console.print("  chain");
        List<X509Certificate> path = new ArrayList<>(chain.certificates());
        anchor.filter(certificate -> !path.contains(certificate)).ifPresent(path::add);
        for (int depth = 0; depth < path.size(); depth++) {
            X509Certificate certificate = path.get(path.size() - 1 - depth);
            String branch = depth == 0 ? "    " : "    " + "   ".repeat(depth - 1) + "└─ ";
            console.print(
                    branch
                            + Printable.clean(
                                    certificate.getSubjectX500Principal().getName()) + "  ",
                    console.styled(
                            Style.FAINT, Times.left(certificate.getNotAfter().toInstant(), now)));
        }
    }

    private X509Certificate leaf() {
        return chain.leaf();
    }

    private Instant start() {
        return leaf().getNotBefore().toInstant();
    }

    private Instant end() {
        return leaf().getNotAfter().toInstant();
    }

    private String key() {
        if (leaf().getPublicKey() instanceof ECPublicKey ec) {
            return "EC P-" + ec.getParams().getOrder().bitLength();
        }
        return leaf().getPublicKey() instanceof RSAPublicKey rsa
                ? "RSA " + rsa.getModulus().bitLength()
                : leaf().getPublicKey().getAlgorithm();
    }

    List<String> printableNames() {
        return names().map(AlternativeNames::printable).orElse(List.of("malformed"));
    }

    private Optional<AlternativeNames> names() {
        try {
            return Optional.of(AlternativeNames.of(leaf()));
        } catch (MalformedDerException e) {
            return Optional.empty();
        }
    }
}
