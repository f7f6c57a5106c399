// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.trust.Revocation.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads one x509-limbo case as a question to the verifier. */
final class LimboCase {

    record Result(String outcome, String why) {}

    private static final Pattern WEB_ONLY =
            Pattern.compile("webpki::(cn|aki|eku|forbidden|ee-basicconstraints|v1-cert|malformed-aia|nc).*|online.*");

    /** The time at which the vectors were made; cases without a time are valid for centuries. */
    private static final Instant MADE = Instant.parse("2026-11-22T00:00:00Z");

    private LimboCase() {}

    static boolean isCore(JsonNode one) {
        boolean pedantic = false;
        for (JsonNode feature : one.get("features")) {
            pedantic |= feature.asString().startsWith("pedantic-")
                    || feature.asString().equals("rfc5280-incompatible-with-webpki");
        }
        return !pedantic && !WEB_ONLY.matcher(one.get("id").asString()).matches();
    }

    static Result run(JsonNode one, Path directory) {
        Verdict verdict;
        try {
            verdict = verdict(one, directory);
        } catch (CertificateException e) {
            return new Result("FAILURE", "does not parse: " + e.getMessage());
        }
        return verdict instanceof Verdict.Rejected rejected
                ? new Result("FAILURE", rejected.findings().toString())
                : new Result("SUCCESS", "no finding");
    }

    private static Verdict verdict(JsonNode one, Path directory) throws CertificateException {
        List<byte[]> presented = new ArrayList<>(List.of(der(one.get("peer_certificate"))));
        one.get("untrusted_intermediates").forEach(pem -> presented.add(der(pem)));
        List<byte[]> anchors = new ArrayList<>();
        one.get("trusted_certs").forEach(pem -> anchors.add(der(pem)));

        TrustPolicy policy = TrustPolicy.strict(
                        new TrustAnchors(Chain.parse(anchors).certificates()))
                .withRevocation(revocation(one, directory));
        if (one.get("max_chain_depth").isNumber()) {
            policy = policy.withBounds(
                    new TrustPolicy.Bounds(one.get("max_chain_depth").asInt() + 1, 64 * 1024));
        }
        Instant time = one.get("validation_time").isNull()
                ? MADE
                : OffsetDateTime.parse(one.get("validation_time").asString()).toInstant();
        Purpose purpose = one.get("validation_kind").asString().equals("SERVER") ? Purpose.SERVER : Purpose.CLIENT;
        return new ChainVerifier(policy, () -> time).verify(Chain.parse(presented), purpose, expected(one));
    }

    private static Revocation revocation(JsonNode one, Path directory) {
        List<Path> files = new ArrayList<>();
        one.get("crls").forEach(pem -> files.add(write(directory.resolve("crl-" + files.size()), pem.asString())));
        return files.isEmpty() ? Revocation.none() : Revocation.load(files, Optional.empty(), Mode.HARD_FAIL);
    }

    private static Optional<Identity> expected(JsonNode one) {
        JsonNode name = one.get("expected_peer_name");
        if (name.isNull()) {
            return Optional.empty();
        }
        String value = name.get("value").asString();
        return Optional.of(name.get("kind").asString().equals("IP") ? ip(value) : DnsName.parse(value));
    }

    private static Identity ip(String literal) {
        try {
            return new IpAddress(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    private static byte[] der(JsonNode pem) {
        return Base64.getMimeDecoder().decode(pem.asString().replaceAll("-----[^-]+-----", ""));
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
