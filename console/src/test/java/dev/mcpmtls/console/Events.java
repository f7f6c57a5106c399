// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import dev.mcpmtls.trust.Verdict;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Events as the other modules make them. */
public final class Events {

    public static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    public static final ThrowawayCa CA = ThrowawayCa.root("Test CA", NOW);
    public static final ChainVerifier VERIFIER =
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate()))), () -> NOW);

    private static final ThrowawayCa OTHER = ThrowawayCa.root("Other CA", NOW);

    private Events() {}

    /** An accepted peer, for example {@code spiffe://test.example/agent/coordinator}. */
    public static Peer peer(String name) {
        Issued issued = CA.client(name, spec -> spec.withoutNames().uri("spiffe://test.example/agent/" + name));
        return ((Verdict.Accepted) VERIFIER.verifyClient(new Chain(issued.chain()))).peer();
    }

    public static AuditEvent accepted(Peer peer, Instant at) {
        return new AuditEvent.TlsAccepted(at, connection(), Validation.STRICT, peer);
    }

    /** A stranger's refused certificate. */
    public static AuditEvent rejected(String uri, Instant at) {
        return rejected(OTHER.client("stranger", spec -> spec.withoutNames().uri(uri)), at);
    }

    public static AuditEvent rejected(Issued presented, Instant at) {
        Chain chain = new Chain(presented.chain());
        return new AuditEvent.TlsRejected(
                at, connection(), Validation.STRICT, Optional.of(chain), VERIFIER.examine(chain, Purpose.CLIENT));
    }

    /** A handshake without a certificate. */
    public static AuditEvent failed(String reason, Instant at) {
        return new AuditEvent.HandshakeFailed(at, connection(), reason, "it went wrong");
    }

    public static AuditEvent called(Peer peer, String tool, Decision decision, Instant at) {
        return new AuditEvent.CallDecided(at, connection(), peer, call(tool), decision);
    }

    public static Call call(String tool) {
        return new Call("weather-mcp", "tools/call", tool).at("weather");
    }

    public static Decision denied() {
        return new Decision.Deny("no rule permits it");
    }

    public static Decision permitted(String rule) {
        return new Decision.Permit(Optional.of(rule), Optional.empty(), List.of());
    }

    private static ConnectionFacts connection() {
        return new ConnectionFacts(
                "0123456789abcdef", Side.SERVER, new InetSocketAddress("127.0.0.1", 50000), Optional.empty());
    }
}
