// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import dev.mcpmtls.trust.Verdict;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Events as the other modules make them, at a fixed time. */
final class Events {

    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private static final ThrowawayCa CA = ThrowawayCa.root("Test CA", NOW);
    private static final Peer PEER = peer(); // once, because thousands of events are counted

    private Events() {}

    static AuditEvent accepted() {
        return new AuditEvent.TlsAccepted(NOW, connection(), Validation.STRICT, PEER);
    }

    static AuditEvent rejected(Rejection why) {
        return new AuditEvent.TlsRejected(NOW, connection(), Validation.STRICT, Optional.empty(), List.of(why));
    }

    static AuditEvent called(String method, String target, Decision decision) {
        return new AuditEvent.CallDecided(NOW, connection(), PEER, call(method, target), decision);
    }

    static AuditEvent taskEnded(String tool, AuditEvent.TaskEnded.End end) {
        return new AuditEvent.TaskEnded(NOW, connection(), PEER, call("tools/call", tool), "0011223344556677", end);
    }

    static AuditEvent tokenRefused(String reason) {
        return new AuditEvent.TokenRefused(
                NOW, connection(), PEER, "weather-mcp", reason, "why", Optional.empty(), Optional.empty());
    }

    static Call call(String method, String target) {
        return new Call("weather-mcp", method, target);
    }

    static AuditEvent loaded(String name, Duration life) {
        return new AuditEvent.CredentialLoaded(NOW, name, chain(life));
    }

    static AuditEvent reloaded(String name, Duration life) {
        return new AuditEvent.CredentialReloaded(NOW, name, chain(life));
    }

    static AuditEvent renewed(String name) {
        return new AuditEvent.CertificateRenewed(NOW, name, chain(Duration.ofHours(1)));
    }

    static AuditEvent reloadFailed(String name) {
        return new AuditEvent.CredentialReloadFailed(NOW, name, "tls.key is torn");
    }

    static TrustAnchors anchors() {
        return new TrustAnchors(List.of(CA.certificate()));
    }

    /** A CRL of our authority in a file of its own. */
    static Path crl(Path directory, Instant nextUpdate) {
        Path file = directory.resolve("crl.pem");
        CA.crl().current(NOW.minus(Duration.ofDays(1)), Optional.of(nextUpdate)).writeTo(file);
        return file;
    }

    private static Chain chain(Duration life) {
        return new Chain(
                CA.server("weather", spec -> spec.valid(NOW, NOW.plus(life))).chain());
    }

    private static ConnectionFacts connection() {
        return new ConnectionFacts(
                "0123456789abcdef", Side.SERVER, new InetSocketAddress("127.0.0.1", 50000), Optional.empty());
    }

    private static Peer peer() {
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors()), () -> NOW);
        return ((Verdict.Accepted)
                        verifier.verifyClient(new Chain(CA.client("agent").chain())))
                .peer();
    }
}
